/** The names by which a history of `agentAction` is read: what is written there stays, so these are a format. */

export const WORKFLOW = 'agentAction';

export const ACTIVITIES = {
  policy: 'evaluatePolicy',
  preview: 'preview',
  delivery: 'notify',
  admission: 'admitDecisions',
  execution: 'execute',
  ending: 'revoke',
} as const;

/** The label of the activity that paints the card anew because time has come for further people. */
export const ESCALATION = 'ask the next people';

/** The label of the activity that paints the card anew because nobody has answered for long. */
export const REMINDER = 'remind';

/** The label of the activity that only asks where a request stands. */
export const LOOK = 'look where it stands';

/** What `notify` answers where policy, as the gateway has read it, asks nobody: no card was due. */
export const NOBODY_ASKED = 'nobody_asked';
