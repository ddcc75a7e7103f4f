/** What those who speak through the client need of the vocabulary: the command line has no other way to it. */
export { canonicalize, MAX_JSON_BYTES, parseJson } from '../approval/canonical-json.ts';
export { parseEnvelope } from '../approval/dsse.ts';
export { AssentError } from '../approval/error.ts';
export { delegationsAt, freezeSubject } from '../approval/house.ts';
export type { VerifiedInstruction } from '../approval/instruction.ts';
export { generateSigningKey } from '../approval/keys.ts';
export { matchesPattern, PATTERN } from '../approval/pattern.ts';
export { powerCode } from '../approval/powers.ts';
export { statementSchemas } from '../approval/schemas.ts';
export { standingCode } from '../approval/standing.ts';
export { ENDED_CODES, type Standings } from '../approval/state.ts';
export { readTrust } from '../approval/trust.ts';
export type {
  Digest,
  FreezeScope,
  Instruction,
  InstructionDetails,
  InstructionStatement,
  Json,
  JsonObject,
  PolicyDecision,
  Powers,
  RequestStatement,
  Requirement,
  StatementByKind,
  StatementKind,
  Timestamp,
  Verb,
  Verdict,
  Verified,
} from '../approval/types.ts';
export { type CardContent, cardDigest } from '../approval/view.ts';
export { readConfiguration } from '../approval/yaml.ts';
export { type Fault, faultText } from '../approval/yaml-fault.ts';
