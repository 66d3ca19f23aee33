/** A set under another name. */

/**
 * The same set, called otherwise. Whatever else it has works as before: a set may be an instance of a class, whose methods
 * a copy of its fields would lack.
 */
export function renamed<Kind extends { readonly name: string }>(set: Kind, name: string): Kind {
  return new Proxy(set, {
    get(target, key) {
      if (key === 'name') return name;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
