// Hatches over a class's colour, so that no class is told by colour alone. Drawn here, because there is
// no sprite to fetch; the legend's swatches use the same shapes in CSS.
import type { Map as MapLibreMap } from 'maplibre-gl';

const side = 16;

const shapes: Record<string, (pen: CanvasRenderingContext2D) => void> = {
  hatch: (pen) => diagonal(pen, 1),
  cross: (pen) => {
    diagonal(pen, 1);
    diagonal(pen, -1);
  },
  dots: (pen) => {
    for (const [x, y] of [
      [4, 4],
      [12, 12],
    ] as const) {
      pen.beginPath();
      pen.arc(x, y, 1.7, 0, 2 * Math.PI);
      pen.fill();
    }
  },
};

export function patternImage(pattern: string | null): string | null {
  return pattern !== null && pattern in shapes ? `~${pattern}` : null;
}

export function addPatterns(map: MapLibreMap): void {
  for (const [name, draw] of Object.entries(shapes)) {
    const image = patternImage(name);
    if (!image || map.hasImage(image)) continue;
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = side;
    // Read back at once: on the graphics card that would wait for everything that the page has drawn so far.
    const pen = canvas.getContext('2d', { willReadFrequently: true });
    if (!pen) return;
    pen.strokeStyle = pen.fillStyle = 'rgba(255, 255, 255, 0.75)';
    pen.lineWidth = 2;
    draw(pen);
    map.addImage(image, pen.getImageData(0, 0, side, side), { pixelRatio: 2 });
  }
}

function diagonal(pen: CanvasRenderingContext2D, direction: 1 | -1): void {
  pen.beginPath();
  for (const shift of [-side, 0, side]) {
    pen.moveTo(shift - 2, direction > 0 ? side + 2 : -2);
    pen.lineTo(shift + side + 2, direction > 0 ? -2 : side + 2);
  }
  pen.stroke();
}
