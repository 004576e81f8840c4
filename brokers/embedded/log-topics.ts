import type { DatabaseSync } from 'node:sqlite';

import { OpenFrameError } from '../../contracts/errors.ts';
import type { TopicDeclaration } from '../log.ts';
import { batchLaneSchema, createBatchLane } from './batch-lane.ts';
import { compactLaneSchema, createCompactLane } from './compact-lane.ts';
import { inTransaction } from './database.ts';
import type { Lane } from './lane.ts';

export const topicsSchema = `
  CREATE TABLE topics (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, partitions INTEGER NOT NULL, cleanup TEXT NOT NULL,
    retention_ms INTEGER NOT NULL, retention_bytes INTEGER NOT NULL);`;

interface Topic extends TopicDeclaration {
  readonly id: number;
  readonly lanes: (Lane | undefined)[];
}

/** The declared topics and the lanes of their partitions. Topics that another process declared are found too. */
export class LogTopics {
  readonly #db: DatabaseSync;
  readonly #nowMs: () => number;
  readonly #sharedBytes: number;
  readonly #topics = new Map<string, Topic>();

  constructor(db: DatabaseSync, nowMs: () => number, sharedBytes: number) {
    this.#sharedBytes = sharedBytes;
    this.#db = db;
    this.#nowMs = nowMs;
  }

  declare(declarations: readonly TopicDeclaration[]): void {
    inTransaction(this.#db, () => {
      for (const declaration of declarations) this.#declareOne(declaration);
    });
    for (const { name } of declarations) this.#topics.delete(name);
  }

  /** Throws `ARGUMENT_INVALID` for a topic that was not declared. */
  topic(name: string): TopicDeclaration {
    return this.#topic(name);
  }

  /** Throws `ARGUMENT_INVALID` for a topic or partition that does not exist. */
  lane(name: string, partition: number): Lane {
    const topic = this.#topic(name);
    if (!Number.isInteger(partition) || partition < 0 || partition >= topic.partitions) {
      const message = `Topic ${name} has partitions 0 to ${topic.partitions - 1}, not ${partition}.`;
      throw new OpenFrameError('ARGUMENT_INVALID', message);
    }
    const table = tableName(topic.id, partition);
    const create = topic.cleanup === 'compact' ? createCompactLane : createBatchLane;
    return (topic.lanes[partition] ??= create(this.#db, {
      table,
      nowMs: this.#nowMs,
      sharedBytes: this.#sharedBytes,
    }));
  }

  /** Every declared topic, those of other processes included. */
  all(): readonly TopicDeclaration[] {
    const names = this.#db.prepare('SELECT name FROM topics ORDER BY id').all();
    return names.map((row) => this.#topic(String(row['name'])));
  }

  /** What lanes remember of their tables is void: another connection wrote, or a write was rolled back. */
  forget(): void {
    for (const { lanes } of this.#topics.values()) for (const lane of lanes) lane?.forget();
  }

  #topic(name: string): Topic {
    const known = this.#topics.get(name);
    if (known !== undefined) return known;
    const row = this.#db.prepare('SELECT * FROM topics WHERE name = ?').get(name);
    if (row === undefined) {
      throw new OpenFrameError('ARGUMENT_INVALID', `Topic ${name} was not declared: declare it first.`);
    }
    const topic: Topic = {
      id: Number(row['id']),
      name,
      partitions: Number(row['partitions']),
      cleanup: row['cleanup'] === 'compact' ? 'compact' : 'delete',
      retentionMs: Number(row['retention_ms']),
      retentionBytes: Number(row['retention_bytes']),
      lanes: [],
    };
    this.#topics.set(name, topic);
    return topic;
  }

  #declareOne(declaration: TopicDeclaration): void {
    const { name, partitions, cleanup, retentionMs, retentionBytes } = declaration;
    const known = this.#db.prepare('SELECT partitions, cleanup FROM topics WHERE name = ?').get(name);
    if (known !== undefined && declaration.foreign === true) return;
    if (known !== undefined && (known['partitions'] !== partitions || known['cleanup'] !== cleanup)) {
      const found = `${String(known['partitions'])} partitions with cleanup ${String(known['cleanup'])}`;
      const message = `Topic ${name} has ${found}, not ${partitions} with ${cleanup}: declare a new topic.`;
      throw new OpenFrameError('ARGUMENT_INVALID', message);
    }
    if (!Number.isInteger(partitions) || partitions < 1) {
      throw new OpenFrameError('ARGUMENT_INVALID', `Topic ${name} needs at least one partition.`);
    }
    const row = this.#db
      .prepare(
        `INSERT INTO topics (name, partitions, cleanup, retention_ms, retention_bytes) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (name) DO UPDATE SET retention_ms = excluded.retention_ms,
           retention_bytes = excluded.retention_bytes RETURNING id`,
      )
      .get(name, partitions, cleanup, finite(retentionMs), finite(retentionBytes));
    const schema = cleanup === 'compact' ? compactLaneSchema : batchLaneSchema;
    for (let p = 0; p < partitions; p++) this.#db.exec(schema(tableName(Number(row?.['id']), p)));
  }
}

function tableName(topicId: number, partition: number): string {
  return `records_${topicId}_${partition}`;
}

/** SQLite keeps whole numbers: an unlimited retention is the largest one. */
function finite(value: number): number {
  return Math.min(Math.max(0, Math.round(value)), Number.MAX_SAFE_INTEGER);
}
