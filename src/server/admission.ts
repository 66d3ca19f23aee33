/** How much is taken on at once: beyond it, requests are sent away at the door instead of waiting for ever. */

/** Something of which there is so much and no more. */
export interface Allowance {
  readonly limit: number;
  readonly used: number;
  /** @returns what gives it back, once; undefined when there is not as much left */
  take(amount: number): (() => void) | undefined;
}

export function allowance(limit: number): Allowance {
  let used = 0;
  return {
    limit,
    get used() {
      return used;
    },
    take(amount) {
      if (used + amount > limit) return undefined;
      used += amount;
      let held = true;
      return () => {
        if (held) used -= amount;
        held = false;
      };
    },
  };
}

/** Lets so many run at once; the others wait their turn. */
export function gate(width: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let inside = 0;
  return async (work) => {
    if (inside >= width) await new Promise<void>((resolve) => waiting.push(resolve));
    else inside++;
    try {
      return await work();
    } finally {
      // The place goes over to the next one.
      const next = waiting.shift();
      if (next) next();
      else inside--;
    }
  };
}
