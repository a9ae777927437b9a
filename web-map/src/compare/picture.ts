// Both maps as one picture: as the swipe or the two halves show them, with their titles.
import type { Map as MapLibreMap } from 'maplibre-gl';
import type { TwoMaps } from '../map/side-by-side/SideBySide';
import type { CompareView } from '../state/url';

/** The picture is only in the canvas while it is being drawn. */
function canvasOf(map: MapLibreMap): Promise<HTMLCanvasElement> {
  return new Promise((resolve, reject) => {
    map.once('render', () => {
      const source = map.getCanvas();
      const copy = Object.assign(document.createElement('canvas'), {
        width: source.width,
        height: source.height,
      });
      const pen = copy.getContext('2d');
      if (!pen) return reject(new Error('no canvas'));
      pen.drawImage(source, 0, 0);
      resolve(copy);
    });
    map.triggerRepaint();
  });
}

const headline = 40;

export async function savePicture(
  maps: TwoMaps,
  { mode, at }: CompareView,
  [left, right]: readonly [string, string],
  name: string,
): Promise<void> {
  const [one, other] = await Promise.all([canvasOf(maps.left), canvasOf(maps.right)]);
  const isSwipe = mode === 'swipe';
  const width = isSwipe ? one.width : one.width + other.width;
  const picture = Object.assign(document.createElement('canvas'), { width, height: one.height + headline });
  const pen = picture.getContext('2d');
  if (!pen) return;
  const border = isSwipe ? Math.round(one.width * at) : one.width;
  pen.fillStyle = '#ffffff';
  pen.fillRect(0, 0, width, picture.height);
  pen.drawImage(one, 0, headline);
  if (isSwipe) {
    const rest = one.width - border;
    pen.drawImage(other, border, 0, rest, other.height, border, headline, rest, other.height);
  } else pen.drawImage(other, border, headline);
  pen.fillStyle = '#1b2733';
  pen.fillRect(border - 1, headline, 2, one.height);
  pen.font = '600 18px "Microsoft YaHei","PingFang SC","Noto Sans CJK SC",sans-serif';
  pen.textBaseline = 'middle';
  pen.fillText(left, 12, headline / 2, Math.max(40, width / 2 - 24));
  pen.textAlign = 'right';
  pen.fillText(right, width - 12, headline / 2, Math.max(40, width / 2 - 24));
  const blob = await new Promise<Blob | null>((resolve) => picture.toBlob(resolve, 'image/png'));
  if (!blob) return;
  const link = Object.assign(document.createElement('a'), {
    href: URL.createObjectURL(blob),
    download: `${name}.png`,
  });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
