import { describe, expect, it } from 'vitest';
import { colorsFor } from './colors.ts';

const coloured = (isTTY: boolean, env: NodeJS.ProcessEnv) => colorsFor({ isTTY }, env).bold('x') !== 'x';

describe('colorsFor', () => {
  it('colours terminals alone', () => {
    expect(coloured(true, {})).toBe(true);
    expect(coloured(false, {})).toBe(false);
    expect(coloured(false, { CI: '1' })).toBe(false);
  });

  it('does as NO_COLOR and FORCE_COLOR say', () => {
    expect(coloured(true, { NO_COLOR: '1' })).toBe(false);
    expect(coloured(false, { FORCE_COLOR: '1' })).toBe(true);
    expect(coloured(false, { FORCE_COLOR: '0' })).toBe(false);
    expect(coloured(false, { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
  });
});
