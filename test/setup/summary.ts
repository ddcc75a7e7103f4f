/**
 * One line of vitest's JSON report, for a machine to read at the end of a run:
 *
 *     412 passed, 0 failed
 *     411 passed, 1 failed, 2 skipped
 *
 * `node test/setup/summary.ts .assent/test-report.json`
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      status: z.enum(['passed', 'failed', 'skipped', 'pending', 'todo']),
      assertionResults: z.array(
        z.object({ status: z.enum(['passed', 'failed', 'skipped', 'pending', 'todo', 'disabled']) }),
      ),
    }),
  ),
});

/** A file that failed with no test of its own to blame (it did not load, a hook threw) counts as one failure. */
export function summaryOf(report: unknown): string {
  const files = reportSchema.parse(report).testResults;
  const tests = files.flatMap((file) => file.assertionResults.map((test) => test.status));
  const brokenFiles = files.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  const passed = tests.filter((status) => status === 'passed').length;
  const failed = tests.filter((status) => status === 'failed').length + brokenFiles.length;
  const skipped = tests.length - passed - tests.filter((status) => status === 'failed').length;
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}

if (import.meta.main) {
  const [file] = process.argv.slice(2);
  if (file === undefined) throw new Error('usage: node test/setup/summary.ts <report.json>');
  console.log(summaryOf(JSON.parse(readFileSync(file, 'utf8'))));
}
