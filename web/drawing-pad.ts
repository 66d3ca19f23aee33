/** A pad to draw on: by mouse, finger, pen or keys. White on black, as MNIST's digits are. */
const SIDE = 280;
const PEN = 22;
const STEP = 10;

export interface DrawingPad {
  context: CanvasRenderingContext2D;
  clear(): void;
}

/**
 * @param frame has the focus and takes the keys
 * @param onChange told after every piece of a stroke
 * @param onStroke told when the pen is lifted
 */
export function drawingPad(
  { frame, canvas }: { frame: HTMLElement; canvas: HTMLCanvasElement },
  { onChange, onStroke }: { onChange(): void; onStroke(): void },
): DrawingPad {
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  // The keys' pen: where it is, and whether it draws.
  let [penX, penY, penDown] = [SIDE / 2, SIDE / 2, false];
  let last: [number, number] | undefined;

  frame.tabIndex = 0;
  const clear = () => {
    context.fillStyle = '#000';
    context.fillRect(0, 0, SIDE, SIDE);
    last = undefined;
  };
  const lineTo = (x: number, y: number) => {
    context.strokeStyle = '#fff';
    context.lineWidth = PEN;
    context.lineCap = context.lineJoin = 'round';
    context.beginPath();
    context.moveTo(...(last ?? [x, y]));
    context.lineTo(x, y);
    context.stroke();
    last = [x, y];
    onChange();
  };
  const place = (event: PointerEvent): [number, number] => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return [((event.clientX - left) / width) * SIDE, ((event.clientY - top) / height) * SIDE];
  };

  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    last = undefined;
    lineTo(...place(event));
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const each of passed.length > 0 ? passed : [event]) lineTo(...place(each));
  });
  const lift = () => {
    if (!last) return;
    last = undefined;
    onStroke();
  };
  canvas.addEventListener('pointerup', lift);
  canvas.addEventListener('pointercancel', lift);

  const MOVES: Record<string, [number, number]> = {
    ArrowLeft: [-STEP, 0],
    ArrowRight: [STEP, 0],
    ArrowUp: [0, -STEP],
    ArrowDown: [0, STEP],
  };
  frame.addEventListener('keydown', (event) => {
    const move = MOVES[event.key];
    if (move) {
      penX = Math.min(SIDE, Math.max(0, penX + move[0]));
      penY = Math.min(SIDE, Math.max(0, penY + move[1]));
      if (penDown) lineTo(penX, penY);
    } else if (event.key === ' ') {
      penDown = !penDown;
      last = undefined;
      if (penDown) lineTo(penX, penY);
      else onStroke();
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      clear();
      onStroke();
    } else return;
    event.preventDefault();
    frame.dataset.pen = penDown ? 'down' : 'up';
    frame.style.setProperty('--pen-x', `${(100 * penX) / SIDE}%`);
    frame.style.setProperty('--pen-y', `${(100 * penY) / SIDE}%`);
  });
  clear();
  return { context, clear };
}
