/** What a command may touch of the terminal that it runs in, and what it answers. */

export interface Terminal {
  readonly env: NodeJS.ProcessEnv;
  /** Width to wrap at; 80 where nobody knows. */
  readonly columns: number;
  readonly colors: boolean;
  /** Read where a file is named `-`. */
  readonly input: AsyncIterable<Uint8Array | string>;
  /** Standard output. */
  output(text: string): void;
  /** Standard error: what is no part of the answer. */
  aside(text: string): void;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Asks whoever sits there for a line; null where nobody does. @throws AssentError `not_confirmed` where they leave */
  readonly ask: ((question: string) => Promise<string>) | null;
}

/** A command's answer: one document, or the same in words. */
export interface Answer {
  /** False for an answer in the negative: denied, faults found. */
  readonly positive: boolean;
  readonly document: unknown;
  /** Lines that fit the terminal. What others wrote in them is made visible already. */
  readonly lines: readonly string[];
}
