/** What is said of a setting. */
import type { ObjectiveName } from '../objectives/index.ts';
import type { Kind } from './kinds.ts';

export type TrainingCommand = 'train' | 'tune';
/** What a classifier is trained on. */
export type ExampleKind = 'images' | 'texts';

export const GROUPS = {
  model: 'The model',
  data: 'The data',
  training: 'The training',
  output: 'What comes out',
} as const;

export interface Setting {
  kind: Kind;
  group: keyof typeof GROUPS;
  description: string;
  /** Which command takes it. Default: both. */
  only?: TrainingCommand;
  /** Which examples it is for. Default: both. */
  of?: ExampleKind;
  /** Which objective takes it. Default: all. */
  objective?: ObjectiveName;
  /** The value where none is given: one for both commands, or one for each. */
  default?: string | number | Readonly<Record<TrainingCommand, string | number>>;
  /** The value for texts where none is given; default: as for images. */
  texts?: string | number | Readonly<Record<TrainingCommand, string | number>>;
  /** The values with some objectives where none is given; default: as with the others. */
  withObjective?: Readonly<Partial<Record<ObjectiveName, number>>>;
  /** What happens where none is given, when that is no fixed value. */
  otherwise?: string;
  /** Without it the command does not start. */
  required?: 'both' | TrainingCommand;
}

/** Keeps the types of a setting's values, and which parts it has. */
export const setting = <const S extends Setting>(each: S): S => each;
