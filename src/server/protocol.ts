/** What the server and its workers say to each other. */
import type { ImageShape } from '../data/index.ts';
import type { ErrorCode } from '../errors.ts';
import type { PixelTensor, Verdict } from '../guard/index.ts';
import type { PackedItems } from './packing.ts';

/** An image as numbers, or a text. */
export type CheckItem = PixelTensor | string;

/** A verdict, or why there is none. */
export type CheckedItem = Verdict | { error: { code: ErrorCode | 'unavailable'; message: string } };

/** The first message: what to load. */
export interface WorkerSetup {
  model: string;
  threshold: string;
  threads: number;
  batch: number;
  /** The images'; undefined for texts. */
  shape: ImageShape | undefined;
}

/** Every further message. */
export interface WorkerRequest {
  id: number;
  packed: PackedItems;
}

export type WorkerReply =
  | { kind: 'ready' }
  | { kind: 'failed'; code: ErrorCode; message: string }
  | { kind: 'checked'; id: number; results: CheckedItem[] }
  | { kind: 'broken'; id: number; message: string };
