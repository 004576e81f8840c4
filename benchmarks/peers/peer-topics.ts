import { setTimeout as pause } from 'node:timers/promises';

import kafkajs from 'kafkajs';

import { jobTopics, partitions, peerJob } from './job.ts';

const retryMs = 100;
const mostRetries = 100;

/** The topics and groups of one benchmark on the brokers, all behind one prefix. Disposing of it deletes them. */
export class PeerTopics implements AsyncDisposable {
  readonly #prefix: string;
  readonly #admin: kafkajs.Admin;

  private constructor(prefix: string, admin: kafkajs.Admin) {
    this.#prefix = prefix;
    this.#admin = admin;
  }

  static async open(brokers: string, prefix: string): Promise<PeerTopics> {
    const kafka = new kafkajs.Kafka({
      brokers: brokers.split(','),
      logLevel: kafkajs.logLevel.NOTHING,
      requestTimeout: 60_000,
    });
    const admin = kafka.admin();
    await admin.connect();
    return new PeerTopics(prefix, admin);
  }

  /** What all runs read. */
  async createInputs(): Promise<void> {
    await this.#create([jobTopics.events, jobTopics.devices, jobTopics.deadLetters]);
  }

  /** Empty topics for a run's outputs, and no group or state of an earlier run. */
  async createOutputs(): Promise<void> {
    const inputs = [jobTopics.events, jobTopics.devices, jobTopics.deadLetters].map(
      (name) => this.#prefix + name,
    );
    const old = (await this.#own()).filter((name) => !inputs.includes(name));
    if (old.length > 0) await this.#admin.deleteTopics({ topics: old });
    await this.#create([jobTopics.out, jobTopics.marks]);
    await this.#forgetGroup();
  }

  /** Offsets written to the output topic: its records, and the markers of transactions. */
  async outputOffsets(): Promise<number> {
    const ends = await this.#admin.fetchTopicOffsets(this.#prefix + jobTopics.out);
    return ends.reduce((sum, { offset }) => sum + Number(offset), 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const left = await this.#own();
    if (left.length > 0) await this.#admin.deleteTopics({ topics: left });
    await this.#admin.disconnect();
  }

  async #own(): Promise<string[]> {
    return (await this.#admin.listTopics()).filter((name) => name.startsWith(this.#prefix));
  }

  /** As every peer finds them: records keep their times, and nothing is deleted by age. */
  async #create(names: readonly string[]): Promise<void> {
    const configEntries = [
      { name: 'retention.ms', value: '-1' },
      { name: 'message.timestamp.type', value: 'CreateTime' },
    ];
    const topics = names.map((name) => ({
      topic: this.#prefix + name,
      numPartitions: partitions,
      configEntries,
    }));
    for (let retry = 0; ; retry++) {
      try {
        await this.#admin.createTopics({ waitForLeaders: true, topics });
        return;
      } catch (error) {
        if (retry === mostRetries) throw error;
        await pause(retryMs);
      }
    }
  }

  /** A group that an earlier run committed for would begin where that ended. The other peers name theirs anew. */
  async #forgetGroup(): Promise<void> {
    const group = this.#prefix + peerJob.name;
    const { groups } = await this.#admin.listGroups();
    if (groups.some(({ groupId }) => groupId === group)) await this.#admin.deleteGroups([group]);
  }
}
