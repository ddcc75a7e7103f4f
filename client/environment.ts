/** Who the agent is, by its environment: ASSENT_AGENT, ASSENT_AGENT_KEY_FILE and ASSENT_TRUST. */
import { z } from 'zod';
import { AssentError } from '../approval/error.ts';

const schema = z.object({
  ASSENT_AGENT: z.string().min(1),
  ASSENT_AGENT_KEY_FILE: z.string().min(1),
  ASSENT_TRUST: z.string().min(1),
});

export interface AgentIdentity {
  /** As the directory names it. */
  readonly agent: string;
  /** PKCS#8 PEM, readable by its owner only. */
  readonly keyFile: string;
  /** The deployment's trust.yaml: its audience, and whose word on a result counts. */
  readonly trust: string;
}

/** @throws AssentError `environment_incomplete` */
export function identityOf(variables: NodeJS.ProcessEnv): AgentIdentity {
  const parsed = schema.safeParse(variables);
  if (!parsed.success) {
    const missing = parsed.error.issues.map(({ path }) => path.join('.')).join(', ');
    throw new AssentError('environment_incomplete', `Set ${missing}: an agent signs what it asks for.`);
  }
  const { ASSENT_AGENT: agent, ASSENT_AGENT_KEY_FILE: keyFile, ASSENT_TRUST: trust } = parsed.data;
  return { agent, keyFile, trust };
}
