/** All commands, by the words that name them. */
import { keyNew } from './key-new.ts';
import { list } from './list.ts';
import { policyCheck } from './policy-check.ts';
import { request } from './request.ts';
import { show } from './show.ts';
import type { Terminal } from './terminal.ts';
import { group, type Word } from './usage.ts';
import { withdraw } from './withdraw.ts';

export function commandsOf(terminal: Terminal): Word {
  return group(
    { name: 'assent', description: 'No action of an agent runs without assent' },
    {
      request: request(terminal),
      withdraw: withdraw(terminal),
      list: list(terminal),
      show: show(terminal),
      policy: group(
        { name: 'assent policy', description: 'The policy that guards actions: check' },
        { check: policyCheck(terminal) },
      ),
      key: group(
        { name: 'assent key', description: 'Keys that statements are signed with: new' },
        { new: keyNew() },
      ),
    },
  );
}
