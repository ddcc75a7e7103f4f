/** `assent policy test`: runs a file of cases against a policy, as a test runner does. */
import { dirname, isAbsolute, join } from 'node:path';
import type { Json } from '../client/vocabulary.ts';
import { readConfiguration } from '../client/vocabulary.ts';
import { bindCases } from '../policy/case.ts';
import { parseCases } from '../policy/case-file.ts';
import { type CaseResult, type Difference, runCase } from '../policy/case-run.ts';
import { type Guard, type GuardFiles, loadGuard } from '../policy/guard.ts';
import { examinerOf, guardFiles, registryOf } from './judging.ts';
import { wrap } from './layout.ts';
import { valueWords } from './policy-words.ts';
import type { Answer, Terminal } from './terminal.ts';
import { one, type Word } from './usage.ts';
import { visible } from './visible.ts';

export const policyTest = (terminal: Terminal): Word =>
  one({
    name: 'assent policy test',
    description: 'Run cases: requests, with what the policy must say of them',
    args: {
      file: { type: 'positional', required: true, description: 'A YAML file of cases' },
      policy: { type: 'string', valueHint: 'file', description: "Instead of the cases' own policy" },
      directory: { type: 'string', valueHint: 'file', description: "Instead of the cases' own directory" },
    },
    run: async ({ file, policy, directory }) => {
      const [text, registry] = await Promise.all([readConfiguration(file), registryOf(terminal)]);
      const document = parseCases(text, file);
      const beside = (name: string | undefined) => name && besideCases(file, name);
      const files = guardFiles(terminal, {
        policy: policy ?? beside(document.value.policy),
        directory: directory ?? beside(document.value.directory),
      });
      const guard = await loadGuard(files);
      const cases = bindCases(document, {
        directory: guard.directory,
        examine: examinerOf(registry),
        fieldsOf: registry.fieldsOf,
      });
      const results = cases.map((one) => runCase(guard, one));
      return testAnswer({ file, files, guard, results }, terminal.columns);
    },
  });

/** A path that a case file names is read from the file's own folder. */
function besideCases(file: string, name: string): string {
  return isAbsolute(name) ? name : join(dirname(file), name);
}

interface Tested {
  readonly file: string;
  readonly files: GuardFiles;
  readonly guard: Guard;
  readonly results: readonly CaseResult[];
}

function testAnswer({ file, files, guard, results }: Tested, columns: number): Answer {
  const failed = results.filter(({ passed }) => !passed);
  const reached = new Set(results.map(({ policy }) => policy.rule));
  const unreached = guard.policy.rules.map(({ id }) => id).filter((id) => !reached.has(id));
  const counts = `${results.length - failed.length} passed, ${failed.length} failed`;
  return {
    positive: failed.length === 0,
    document: {
      file,
      policy: { file: files.policy, digest: guard.policy.digest },
      directory: { file: files.directory, digest: guard.directory.digest },
      passed: results.length - failed.length,
      failed: failed.length,
      unreached_rules: unreached,
      cases: results.map(({ policy, ...result }) => ({
        ...result,
        effect: policy.effect,
        rule: policy.rule,
        code: policy.code,
        explanation: policy.explanation,
      })),
    },
    lines: [
      ...results.flatMap((result) => caseLines(result, file, columns)),
      // A case that failed ends with a blank line already.
      ...(results.at(-1)?.passed === false ? [] : ['']),
      failed.length === 0 ? `${counts}.` : `${counts} (- expected, + actual).`,
      ...(unreached.length === 0
        ? []
        : wrap(
            `No case reaches ${unreached.length === 1 ? 'rule' : 'rules'} ${unreached.join(', ')}.`,
            columns,
          )),
    ],
  };
}

function caseLines(result: CaseResult, file: string, columns: number): readonly string[] {
  const { name, line, passed, differences, policy, vain } = result;
  const [first = '', ...rest] = wrap(visible(name), columns, 6);
  const head = [`${passed ? 'ok  ' : 'FAIL'}  ${first.trimStart()}`, ...rest];
  if (passed) return head;
  return [
    ...head,
    ...wrap(visible(`${file}:${line}`), columns, 6),
    ...differences.flatMap((difference) => differenceLines(difference, columns)),
    ...vain.flatMap(({ person, at, code }) =>
      wrap(`What ${person} says at ${at} has no effect: ${code}.`, columns, 6),
    ),
    ...policy.explanation.flatMap((sentence) => wrap(visible(sentence), columns, 6)),
    '',
  ];
}

function differenceLines({ field, expected, actual }: Difference, columns: number): readonly string[] {
  const side = (sign: string, value: Json) => {
    const [first = '', ...rest] = wrap(visible(valueWords(field, value)), columns, 10);
    return [`        ${sign} ${first.trimStart()}`, ...rest];
  };
  // The explanation follows in full anyway.
  const found = field === 'explanation' ? ['        + not in what follows'] : side('+', actual);
  return [`      ${field}`, ...side('-', expected), ...found];
}
