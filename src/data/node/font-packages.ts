/**
 * The fonts that the Glyphs are drawn from: npm packages @fontsource/…, all under the SIL Open Font License.
 * Chosen to differ as the fonts of notMNIST do, and small. Node only.
 */
export const fontFamilies = [
  // Sans serif
  'barlow-condensed',
  'josefin-sans',
  'lato',
  'league-spartan',
  'poppins',
  'titillium-web',
  'urbanist',
  // Serif
  'cormorant-garamond',
  'crimson-text',
  'libre-baskerville',
  'old-standard-tt',
  'playfair-display',
  'spectral',
  // Slab serif
  'alfa-slab-one',
  'arvo',
  'hepta-slab',
  'zilla-slab',
  // Monospaced
  'courier-prime',
  'ibm-plex-mono',
  'space-mono',
  // Display
  'abril-fatface',
  'bangers',
  'big-shoulders-display',
  'black-ops-one',
  'bungee-shade',
  'cinzel',
  'cinzel-decorative',
  'fredericka-the-great',
  'monoton',
  'orbitron',
  'poiret-one',
  'special-elite',
  'syncopate',
  // Handwriting
  'amatic-sc',
  'caveat',
  'comic-neue',
  'dancing-script',
  'kalam',
  'pacifico',
  'permanent-marker',
  'rock-salt',
  // Blackletter and uncial
  'medievalsharp',
  'uncial-antiqua',
  'unifrakturcook',
  'unifrakturmaguntia',
  // Pixels
  'pixelify-sans',
  'press-start-2p',
  'tiny5',
] as const;

/** The npm package of a family. */
export function fontPackage(family: string): string {
  return `@fontsource/${family}`;
}
