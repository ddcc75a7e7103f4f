/** Slack's limits on blocks, as its documentation gives them: every breach of them in a message or a view. */
import type { KnownBlock, ModalView } from '@slack/types';

interface Text {
  readonly type: string;
  readonly text: string;
}

export function faultsOfMessage({ text, blocks }: { text: string; blocks: readonly KnownBlock[] }): string[] {
  const ids = blocks.map(({ block_id }) => block_id ?? '');
  return [
    ...faultIf(text.length === 0 || text.length >= 4000, `the text has ${text.length}`),
    ...faultIf(blocks.length > 50, `${blocks.length} blocks`),
    ...faultIf(new Set(ids).size !== ids.length, 'a block_id stands twice'),
    ...faultIf(
      ids.some((id) => id === '' || id.length > 255),
      'a block_id is missing or too long',
    ),
    ...blocks.flatMap(faultsOfBlock),
  ];
}

export function faultsOfView(view: ModalView): string[] {
  const bytes = Buffer.byteLength(JSON.stringify(view));
  return [
    ...[view.title, view.submit, view.close].flatMap((text) => (text ? faultsOfText(text, 24) : [])),
    ...faultIf((view.private_metadata ?? '').length > 3000, 'private_metadata'),
    ...faultIf(view.blocks.length > 100, `${view.blocks.length} blocks`),
    ...faultIf(bytes > 250_000, `the view has ${bytes} bytes`),
    ...view.blocks.flatMap((block) => ('type' in block ? faultsOfBlock(block as KnownBlock) : [])),
  ];
}

function faultsOfBlock(block: KnownBlock): string[] {
  switch (block.type) {
    case 'header':
      return faultsOfText(block.text, 150);
    case 'section':
      return [
        ...faultIf(block.expand !== true, 'a section folds'),
        ...(block.text ? faultsOfText(block.text, 3000) : []),
        ...faultIf((block.fields?.length ?? 0) > 10, 'too many fields'),
        ...(block.fields ?? []).flatMap((field) => faultsOfText(field, 2000)),
      ];
    case 'context':
      return [
        ...faultIf(block.elements.length > 10, 'too many context elements'),
        ...block.elements.flatMap((element) =>
          'text' in element ? faultsOfText(element as Text, 3000) : [],
        ),
      ];
    case 'actions':
      return [
        ...faultIf(block.elements.length > 25, 'too many buttons'),
        ...block.elements.flatMap((element) => {
          if (element.type !== 'button') return ['an element that is no button'];
          const { confirm } = element;
          return [
            ...faultsOfText(element.text, 75),
            ...faultIf((element.value ?? '').length > 2000, 'a button’s value'),
            ...faultIf((element.action_id ?? '').length > 255, 'an action_id'),
            ...faultIf(element.style !== undefined, 'a button looks better than another'),
            ...(confirm?.title ? faultsOfText(confirm.title, 100) : []),
            ...(confirm ? faultsOfText(confirm.text, 300) : []),
            ...(confirm?.confirm ? faultsOfText(confirm.confirm, 30) : []),
            ...(confirm?.deny ? faultsOfText(confirm.deny, 30) : []),
          ];
        }),
      ];
    case 'rich_text': {
      const texts = leavesOf(block.elements);
      const total = texts.reduce((sum, text) => sum + escaped(text), 0);
      return [
        ...faultIf(texts.length === 0 || texts.some((text) => text === ''), 'an empty rich text'),
        ...faultIf(total > 3000, `a rich text has ${total}`),
      ];
    }
    case 'divider':
      return [];
    case 'input':
      return block.label ? faultsOfText(block.label, 2000) : [];
    default:
      return [`an unexpected block ${block.type}`];
  }
}

function faultsOfText({ type, text }: Text, max: number): string[] {
  const length = type === 'plain_text' ? escaped(text) : text.length;
  return faultIf(
    length < 1 || length > max,
    `a ${type} has ${length}, not 1 to ${max}: ${text.slice(0, 40)}`,
  );
}

function leavesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  if (typeof value !== 'object' || value === null) return [];
  if ('text' in value && typeof value.text === 'string') return [value.text];
  return 'elements' in value ? leavesOf(value.elements) : [];
}

function escaped(text: string): number {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').length;
}

function faultIf(broken: boolean, fault: string): string[] {
  return broken ? [fault] : [];
}

/** All that a person reads in blocks, one text a line. */
export function wordsOf(blocks: readonly unknown[]): string {
  return JSON.stringify(blocks, (key, value: unknown) =>
    key === 'block_id' || key === 'value' ? undefined : value,
  );
}
