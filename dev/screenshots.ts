/**
 * Pictures of the card in its states, from the local Slack's page: `node dev/screenshots.ts [directory]`, by
 * default `.assent/screenshots/`. Needs Chromium.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createSlack } from '../channels/slack/api.ts';
import { renderCard } from '../channels/slack/card.ts';
import { postMessage } from '../channels/slack/messages.ts';
import { renderThread } from '../channels/slack/thread.ts';
import { startBrowser } from './browser.ts';
import { startSlackBridge } from './slack/bridge.ts';
import { cardInput, stateScenes } from './slack/card-scene.ts';
import { startLocalSlack } from './slack/local-slack.ts';

const directory = process.argv[2] ?? '.assent/screenshots';
await mkdir(directory, { recursive: true });
const slackServer = await startLocalSlack({
  people: [
    { handle: 'dana', name: 'Dana Okafor' },
    { handle: 'noor', name: 'Noor Haddad' },
    { handle: 'sam', name: 'Sam Lindqvist' },
    { handle: 'maya', name: 'Maya Iwu' },
  ],
  interactivityUrl: 'http://127.0.0.1:9/',
  directory: join(directory, 'slack'),
  logFile: join(directory, 'slack.log'),
});
const bridge = await startSlackBridge(slackServer.url);
const slack = createSlack({ token: slackServer.token, apiUrl: bridge.url, timeoutMs: 5000 });
const browser = await startBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1000, height: 1200 }, deviceScaleFactor: 2 });
  for (const state of [
    'pending',
    'running',
    'succeeded',
    'denied',
    'expired',
    'failed',
    'unknown',
  ] as const) {
    const input = cardInput(stateScenes[state]);
    const { request_id } = input.content;
    const card = await postMessage(slack, {
      channel: slackServer.channelId,
      ...renderCard(input),
      key: { request_id, key: 'card' },
    });
    for (const { key, text, blocks } of renderThread(input)) {
      await postMessage(slack, { ...card, thread_ts: card.ts, text, blocks, key: { request_id, key } });
    }
    await page.goto(slackServer.page);
    const message = page.locator(`.msg[data-ts="${card.ts}"]`).first();
    await message.waitFor();
    await message.screenshot({ path: join(directory, `${state}.png`) });
    const summary = message.locator('.thread-summary');
    if ((await summary.count()) > 0) {
      await summary.click();
      await page.locator('.thread-pane').screenshot({ path: join(directory, `${state}-thread.png`) });
    }
    process.stdout.write(`${join(directory, `${state}.png`)}\n`);
  }
} finally {
  await browser.close();
  await bridge.stop();
  await slackServer.stop();
}
