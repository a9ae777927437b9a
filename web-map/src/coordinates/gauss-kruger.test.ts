import { expect, it } from 'vitest';
import { project, unproject } from './gauss-kruger';

// PROJ, by GDAL 3.6.2: gdaltransform -s_srs EPSG:4490 -t_srs EPSG:4549 -output_xy
const references = [
  { lon: 120, lat: 31, east: 500000, north: 3430974.32340885 },
  { lon: 121.25, lat: 31.38, east: 618908.662213606, north: 3473781.44125446 },
  { lon: 121, lat: 30.5, east: 596001.308241037, north: 3375966.96009612 },
  { lon: 121.4737, lat: 31.2304, east: 640412.315036627, north: 3457455.48858212 },
  { lon: 119, lat: 35, east: 408710.231258088, north: 3875049.87069043 },
  { lon: 118.6, lat: 31.4, east: 366849.290727412, north: 3476171.14084323 },
];

it.each(references)('agrees with PROJ within a millimetre at $lon, $lat', ({ lon, lat, east, north }) => {
  const projected = project(lon, lat, 120);
  expect(Math.abs(projected.east - east)).toBeLessThan(0.001);
  expect(Math.abs(projected.north - north)).toBeLessThan(0.001);
});

it.each(references)('finds the way back at $lon, $lat', ({ lon, lat, east, north }) => {
  const [x, y] = unproject({ north, east }, 120);
  // A hundred-millionth of a degree is a millimetre.
  expect(Math.abs(x - lon)).toBeLessThan(1e-8);
  expect(Math.abs(y - lat)).toBeLessThan(1e-8);
});

// PROJ, by GDAL: gdaltransform -s_srs '+proj=longlat +ellps=GRS80' -t_srs EPSG:4548
it('has other zones', () => {
  const { north, east } = project(118.1, 24.5, 117);
  expect(Math.abs(east - 611494.787213535)).toBeLessThan(0.001);
  expect(Math.abs(north - 2711113.44970724)).toBeLessThan(0.001);
});
