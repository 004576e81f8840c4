import { eventIdOf, eventIdOfBytes, eventIdPrefix } from '../contracts/event-id.ts';
import { headers, rawKey } from '../contracts/topics.ts';
import { type ByteBlock, constantBlock } from '../streams/byte-block.ts';
import { ByteWriter } from '../streams/byte-writer.ts';
import { writeHeader } from '../streams/encoded-headers.ts';
import { RecordBatchBuilder } from '../streams/record-batch.ts';
import type { CheckedEvent } from './cloud-event.ts';
import { PlainEvent } from './plain-event.ts';

/** A batch is sealed once its records reach this: the messaging and the log hold batches whole. */
const sealAtBytes = 4 * 1024 * 1024;

/** Turns checked events into sealed record batches of `telemetry.raw.v1`'s form. Reused for every request. */
export interface RawRecordEncoder {
  /** Appends one event of the tenant. `ingestTimeMs` is when the gateway took it. */
  append(tenantId: string, event: CheckedEvent, ingestTimeMs: number): void;
  /** True when the batch should be finished before more is appended. */
  isFull(): boolean;
  /** The batch of what was appended; null where there is nothing. */
  finish(): Buffer | null;
}

/**
 * Headers are written in the order of `telemetry.raw.v1`: ce_specversion, ce_id, ce_source, ce_type, ce_time,
 * content-type, tenant, device (left out where unknown), eventid, ingesttime. Readers find a header fastest
 * where the record before had it.
 */
export function createRawRecordEncoder(): RawRecordEncoder {
  const builder = new RecordBatchBuilder(256 * 1024);
  const text = new ByteWriter(4 * 1024);
  const value = new ByteWriter(16 * 1024);
  return {
    append(tenantId, event, ingestTimeMs) {
      if (event instanceof PlainEvent) return appendPlain(builder, text, tenantId, event, ingestTimeMs);
      const key = rawKey(tenantId, event.source);
      // One string and one write for key and headers: a write for each of them costs three times as much.
      const both = event.tool === undefined ? key + headerSection(tenantId, event, ingestTimeMs) : notAscii;
      text.length = 0;
      text.utf8(both);
      let keyBytes = key.length;
      if (text.length !== both.length) keyBytes = writeInParts(text, key, tenantId, event, ingestTimeMs);
      value.length = 0;
      value.utf8(event.dataJson);
      const written = text.written();
      builder.append(
        event.timeMs,
        written.subarray(0, keyBytes),
        value.written(),
        written.subarray(keyBytes),
      );
    },
    isFull: () => builder.sizeBytes >= sealAtBytes,
    finish: () => (builder.count === 0 ? null : builder.finish()),
  };
}

/** The same record, with what stands in the body copied from there. */
function appendPlain(
  builder: RecordBatchBuilder,
  scratch: ByteWriter,
  tenantId: string,
  event: PlainEvent,
  ingestTimeMs: number,
): void {
  const { body } = event;
  scratch.length = 0;
  scratch.latin1(tenantId);
  scratch.byte(keySeparator);
  scratch.block(body, event.sourceStart, event.sourceEnd);
  const writer = builder.beginRecord(event.timeMs, { ...scratch.target, start: 0, end: scratch.length });
  writer.block(body, event.dataStart, event.dataEnd);
  builder.endValue();
  writeFrom(writer, plainNames.id, body, event.idStart, event.idEnd);
  writeFrom(writer, plainNames.source, body, event.sourceStart, event.sourceEnd);
  writeFrom(writer, plainNames.type, body, event.typeStart, event.typeEnd);
  writeFrom(writer, plainNames.time, body, event.timeStart, event.timeEnd);
  writer.latin1(contentTypeAndTenantName + lengthText(tenantId) + tenantId);
  writeFrom(writer, plainNames.device, body, event.deviceStart, event.deviceEnd);
  const ingestTime = String(ingestTimeMs);
  const eventId = eventIdOfPlain(scratch, tenantId, event);
  writer.latin1(eventIdName + eventId + ingestTimeName + lengthText(ingestTime) + ingestTime);
  builder.endRecord();
}

/** `eventIdOf`, of what stands in the body: all of it is ASCII, so that lengths in bytes are those in UTF-16. */
function eventIdOfPlain(scratch: ByteWriter, tenantId: string, event: PlainEvent): string {
  const { body, sourceStart, sourceEnd, idStart, idEnd } = event;
  scratch.length = 0;
  scratch.bytes(eventIdPrefix);
  scratch.utf8(`${tenantId.length}:${tenantId}${sourceEnd - sourceStart}:`);
  scratch.block(body, sourceStart, sourceEnd);
  scratch.latin1(`${idEnd - idStart}:`);
  scratch.block(body, idStart, idEnd);
  return eventIdOfBytes(scratch.written());
}

/** A header: its name with what stands before it, and the value that stands in the body. */
function writeFrom(writer: ByteWriter, name: ByteBlock, body: ByteBlock, start: number, end: number): void {
  writer.block(name, 0, name.bytes.length);
  writer.varint(end - start);
  writer.block(body, start, end);
}

/** The section's bytes as text: right as UTF-8 only while all of it is ASCII, lengths included. */
function headerSection(tenantId: string, event: CheckedEvent, ingestTimeMs: number): string {
  const { id, source, type, time, deviceId } = event;
  const eventId = eventIdOf(tenantId, source, id);
  const device = deviceId === '' ? '' : deviceName + lengthText(deviceId) + deviceId;
  return (
    (deviceId === '' ? withoutDevice : withDevice) +
    lengthText(id) +
    id +
    sourceName +
    lengthText(source) +
    source +
    typeName +
    lengthText(type) +
    type +
    timeName +
    lengthText(time) +
    time +
    contentTypeAndTenantName +
    lengthText(tenantId) +
    tenantId +
    device +
    eventIdName +
    eventId +
    ingestTimeName +
    lengthText(String(ingestTimeMs)) +
    String(ingestTimeMs)
  );
}

/** Key and headers where they are not all ASCII, or a tool's; gives the key's length in bytes. */
function writeInParts(
  writer: ByteWriter,
  key: string,
  tenantId: string,
  event: CheckedEvent,
  ingestTimeMs: number,
): number {
  writer.length = 0;
  writer.utf8(key);
  const keyBytes = writer.length;
  const { tool } = event;
  const more =
    (event.deviceId === '' ? 0 : 1) + (tool === undefined ? 0 : 1) + (tool?.userId === undefined ? 0 : 1);
  writer.varint(9 + more);
  writeHeader(writer, headers.specVersion, '1.0');
  writeHeader(writer, headers.id, event.id);
  writeHeader(writer, headers.source, event.source);
  writeHeader(writer, headers.type, event.type);
  writeHeader(writer, headers.time, event.time);
  writeHeader(writer, headers.contentType, jsonMediaType);
  writeHeader(writer, headers.tenant, tenantId);
  if (event.deviceId !== '') writeHeader(writer, headers.device, event.deviceId);
  writeHeader(writer, headers.eventId, eventIdOf(tenantId, event.source, event.id));
  writeHeader(writer, headers.ingestTime, String(ingestTimeMs));
  if (tool !== undefined) writeHeader(writer, headers.tool, tool.name);
  if (tool?.userId !== undefined) writeHeader(writer, headers.user, tool.userId);
  return keyBytes;
}

const jsonMediaType = 'application/json';
/** A length as the one byte that its zigzag varint is below 64; more makes the text not ASCII, see above. */
const lengthTexts = Array.from({ length: 64 }, (_, length) => String.fromCharCode(length * 2));
const lengthText = (text: string): string => lengthTexts[text.length] ?? notAscii;
const notAscii = '\u0080';

const named = (name: string): string => lengthText(name) + name;
const valued = (name: string, value: string): string => named(name) + lengthText(value) + value;
const specVersionAndIdName = valued(headers.specVersion, '1.0') + named(headers.id);
const withDevice = String.fromCharCode(10 * 2) + specVersionAndIdName;
const withoutDevice = String.fromCharCode(9 * 2) + specVersionAndIdName;
const sourceName = named(headers.source);
const typeName = named(headers.type);
const timeName = named(headers.time);
const contentTypeAndTenantName = valued(headers.contentType, jsonMediaType) + named(headers.tenant);
const deviceName = named(headers.device);
const eventIdName = named(headers.eventId) + lengthText('0'.repeat(36));
const ingestTimeName = named(headers.ingestTime);
const keySeparator = 0x3a;
const block = (text: string): ByteBlock => constantBlock(Buffer.from(text, 'latin1'));
const plainNames = {
  id: block(withDevice),
  source: block(sourceName),
  type: block(typeName),
  time: block(timeName),
  device: block(deviceName),
};
