/** The gate for every change of workflow code: it must replay each history that was recorded before it. */

import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { expect, test } from 'vitest';
import { historyNames, readHistory } from '../histories/read.ts';
import { paths } from './paths.ts';
import { workflowBundle } from './stage.ts';

type History = ReturnType<typeof readHistory>;

async function replay(histories: Iterable<{ workflowId: string; history: History }>) {
  const results = Worker.runReplayHistories({ workflowBundle: await workflowBundle() }, histories);
  const failed = new Map<string, Error>();
  for await (const { workflowId, error } of results) if (error) failed.set(workflowId, error);
  return failed;
}

test('every path has a committed history', () => {
  expect(historyNames).toEqual([...paths.map(({ name }) => name), 'reset'].toSorted());
});

test('the workflow replays them all', async () => {
  const failed = await replay(historyNames.map((name) => ({ workflowId: name, history: readHistory(name) })));
  expect(failed).toEqual(new Map());
});

test('a history survives JSON', () => {
  const history = readHistory('approved');
  expect(historyToJSON(historyFromJSON(JSON.parse(historyToJSON(history))))).toBe(historyToJSON(history));
});

test.each([
  ['another activity was scheduled', (history: History) => renamed(history, 'execute', 'executeAll')],
  ['the request was never shown', (history: History) => renamed(history, 'notify', 'preview')],
])('a history in which %s fails', async (_, change) => {
  const failed = await replay([{ workflowId: 'changed', history: change(readHistory('approved')) }]);
  expect(failed.get('changed')).toBeInstanceOf(DeterminismViolationError);
});

function renamed(history: History, from: string, to: string): History {
  for (const { activityTaskScheduledEventAttributes: scheduled } of history.events ?? []) {
    if (scheduled?.activityType?.name === from) scheduled.activityType.name = to;
  }
  return history;
}
