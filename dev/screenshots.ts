/**
 * Pictures of the card in its states, from the local Slack's page: `node dev/screenshots.ts [directory [scene…]]`,
 * by default of all scenes into `.assent/screenshots/`. Needs Chromium.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createSlack } from '../channels/slack/api.ts';
import { renderCard } from '../channels/slack/card.ts';
import { postMessage } from '../channels/slack/messages.ts';
import { renderThread } from '../channels/slack/thread.ts';
import { startBrowser } from './browser.ts';
import { startSlackBridge } from './slack/bridge.ts';
import { cardInput } from './slack/card-scene.ts';
import { exportScene, moreScenes, stateScenes } from './slack/card-scenes.ts';
import { startLocalSlack } from './slack/local-slack.ts';
import type { Scene } from './slack/scene.ts';

const [, , directory = '.assent/screenshots', ...wanted] = process.argv;
await mkdir(directory, { recursive: true });
const slackServer = await startLocalSlack({
  people: Object.entries(exportScene.faces).map(([handle, { name }]) => ({ handle, name })),
  interactivityUrl: 'http://127.0.0.1:9/',
  directory: join(directory, 'slack'),
  logFile: join(directory, 'slack.log'),
});
const bridge = await startSlackBridge(slackServer.url);
const slack = createSlack({ token: slackServer.token, apiUrl: bridge.url, timeoutMs: 5000 });
const browser = await startBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1000, height: 1200 }, deviceScaleFactor: 2 });
  const scenes: Readonly<Record<string, Scene>> = { ...stateScenes, ...moreScenes };
  for (const [name, scene] of Object.entries(scenes)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const input = cardInput(scene);
    const { request_id } = input.about;
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
    await message.screenshot({ path: join(directory, `${name}.png`) });
    const summary = message.locator('.thread-summary');
    if ((await summary.count()) > 0) {
      await summary.click();
      await page.locator('.thread-pane').screenshot({ path: join(directory, `${name}-thread.png`) });
    }
    process.stdout.write(`${join(directory, `${name}.png`)}\n`);
  }
} finally {
  await browser.close();
  await bridge.stop();
  await slackServer.stop();
}
