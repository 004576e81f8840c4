import type { PipelineStatus } from '../contracts/pipeline.ts';

/** A pipeline's status but for its lag, which the log knows. */
export interface RunStatus extends Omit<PipelineStatus, 'lag'> {
  /** Records that are answered already and not yet acked, since a sink makes many durable together. */
  readonly unflushed?: number;
}

/** Something that runs until stopped: a topology or a sink. */
export interface Running extends AsyncDisposable {
  readonly name: string;
  status(): RunStatus;
  /** Acks soon what it has written, where that would else wait to be more: for whoever asks how far it is. */
  hurry?(): void;
  /** Finishes and commits the batch in hand, then ends. */
  stop(): Promise<void>;
  /** Resolves when it has ended, by `stop` or by a fault (see `status().state`); never rejects. */
  readonly done: Promise<void>;
  /** What it ended by, where that was a fault; undefined while it runs and after `stop`. */
  fault(): unknown;
}
