/** Which colours a stream gets. */
import pc from 'picocolors';

/**
 * Colour only where there is a terminal and NO_COLOR is unset; FORCE_COLOR asks for it elsewhere. A continuous
 * integration server alone is no reason: its logs are searched as often as they are looked at.
 */
export function colorsFor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env) {
  const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0';
  return pc.createColors(!env.NO_COLOR && (forced || stream.isTTY === true));
}
