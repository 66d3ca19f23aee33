/** The numbers that a detector is set by. */
import { nearestName, OutlierExposureError } from '../errors.ts';
import type { Detector, Settings } from './detector.ts';

/** All of a detector's parameters: what was set, the defaults elsewhere. */
export function settingsOf({ parameters = {}, settings = {} }: Detector): Settings {
  const defaults = Object.entries(parameters).map(([name, { default: value }]) => [name, value]);
  return { ...Object.fromEntries(defaults), ...settings };
}

/**
 * The detector with other values for some of its parameters.
 *
 * @throws OutlierExposureError `invalid-argument` for a parameter that it does not have, or a value out of range
 */
export function configured(detector: Detector, settings: Settings): Detector {
  const { name, parameters = {} } = detector;
  for (const [key, value] of Object.entries(settings)) {
    const parameter = Object.hasOwn(parameters, key) ? parameters[key] : undefined;
    if (!parameter) {
      const known = Object.keys(parameters);
      const near = nearestName(key, known);
      throw new OutlierExposureError(
        'invalid-argument',
        `The detector ${name} has no parameter "${key}"${near ? `; did you mean "${near}"?` : '.'} ${
          known.length > 0 ? `It has: ${known.join(', ')}.` : 'It has none.'
        }`,
      );
    }
    const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY, integer } = parameter;
    if (
      !(value >= least && value <= most) ||
      !Number.isFinite(value) ||
      (integer && !Number.isInteger(value))
    ) {
      const bounds = [
        ...(Number.isFinite(least) ? [`at least ${least}`] : []),
        ...(Number.isFinite(most) ? [`at most ${most}`] : []),
      ].join(' and ');
      throw new OutlierExposureError(
        'invalid-argument',
        `The detector ${name} cannot have ${key} = ${value}: give a ${integer ? 'whole ' : ''}number${bounds ? ` of ${bounds}` : ''}.`,
      );
    }
  }
  return { ...detector, settings: { ...detector.settings, ...settings } };
}

/** The detector's name with what differs from its defaults: `knn`, `knn:k=10`. */
export function describeDetector({ name, parameters = {}, settings = {} }: Detector): string {
  const changed = Object.entries(settings).filter(([key, value]) => value !== parameters[key]?.default);
  return changed.length > 0 ? `${name}:${changed.map(([key, value]) => `${key}=${value}`).join(',')}` : name;
}
