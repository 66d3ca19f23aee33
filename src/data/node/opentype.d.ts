/** The part of opentype.js, which comes without types, that is used here. */
declare module 'opentype.js' {
  interface Path {
    /** As for the attribute `d` of an SVG path. */
    toPathData(decimalPlaces?: number): string;
    getBoundingBox(): { x1: number; y1: number; x2: number; y2: number };
  }

  interface Glyph {
    /** 0 is the glyph for characters that the font lacks. */
    index: number;
    /** The outline with its origin at x, y, in SVG's coordinates (y down). */
    getPath(x: number, y: number, fontSize: number): Path;
  }

  interface Font {
    charToGlyph(character: string): Glyph;
  }

  const opentype: { parse(bytes: ArrayBuffer): Font };
  export default opentype;
}
