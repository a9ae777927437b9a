import { describe, expect, it } from 'vitest';
import { fromGcj02, toGcj02 } from './gcj';
import { readPlaces } from './read';
import { coordinate, systems, zoneOf } from './systems';

const near: [number, number] = [121.25, 31.38];

describe('a place in words', () => {
  it('is written as surveyors and links do', () => {
    expect(coordinate(121.25, 31.38, 'decimal')).toBe('121.250000, 31.380000');
    expect(coordinate(121.25, 31.38, 'dms')).toBe('121°15′00.00″E  31°22′48.00″N');
    expect(coordinate(-0.99999999, -31.9999999, 'dms')).toBe('1°00′00.00″W  32°00′00.00″S');
  });

  // PROJ, by GDAL 3.6.2: gdaltransform -s_srs '+proj=longlat +ellps=GRS80' -t_srs EPSG:…, of 121.25, 31.38
  it.each([
    ['epsg4549', 'X 3473781.44  Y 618908.66'],
    ['epsg4550', 'X 3474430.07  Y 333522.03'],
    ['epsg4528', 'X 3473781.44  Y 40618908.66'],
    ['epsg4529', 'X 3474430.07  Y 41333522.03'],
    ['epsg4548', 'X 3480925.63  Y 904445.59'],
    ['epsg4527', 'X 3480925.63  Y 39904445.59'],
    ['mercator', '13497488.26, 3682198.33'],
  ] as const)('agrees with PROJ in %s', (system, text) => {
    expect(coordinate(121.25, 31.38, system)).toBe(text);
  });

  it('has the zone of the nearest meridian', () => {
    expect(zoneOf(121.25).plain).toBe(4549);
    expect(zoneOf(121.6).plain).toBe(4550);
    expect(zoneOf(113).plain).toBe(4547);
  });
});

describe('shifted coordinates', () => {
  it('are those of the published approximation', () => {
    const [lon, lat] = toGcj02([116.404, 39.915]);
    expect(lon).toBeCloseTo(116.41024449916938, 9);
    expect(lat).toBeCloseTo(39.91640428150164, 9);
  });

  it('are shifted back to a millimetre', () => {
    const [lon, lat] = fromGcj02(toGcj02(near));
    expect(lon).toBeCloseTo(near[0], 8);
    expect(lat).toBeCloseTo(near[1], 8);
  });

  it('are not shifted abroad', () => {
    expect(toGcj02([2.35, 48.85])).toEqual([2.35, 48.85]);
  });
});

describe('a typed place', () => {
  // Zones that are far away write eastings that no survey has.
  const far = ['epsg4547', 'epsg4526', 'epsg4548', 'epsg4527'];
  it.each(systems.filter((it) => !far.includes(it)))('is found where %s wrote it', (system) => {
    const found = readPlaces(coordinate(...near, system), near);
    const wanted = system === 'dms' ? 'decimal' : system;
    const point = found.find((it) => it.system === wanted)?.point ?? [0, 0];
    expect(Math.hypot(point[0] - near[0], point[1] - near[1])).toBeLessThan(2e-6);
    if (system !== 'gcj02') expect(found[0]?.system).toBe(wanted);
  });

  it('is found in either order, and in full-width digits', () => {
    for (const text of [
      '31.38 121.25',
      '１２１．２５，３１．３８',
      '东经121.25 北纬31.38',
      "121°15' 31°22'48\"",
    ]) {
      const [lon, lat] = readPlaces(text, near)[0]?.point ?? [0, 0];
      expect(Math.abs(lon - 121.25) + Math.abs(lat - 31.38)).toBeLessThan(1e-9);
    }
    expect(readPlaces('618908.66 3473781.44', near)[0]?.system).toBe('epsg4549');
  });

  it('without a zone is given in all zones, that of the reader first', () => {
    const far = readPlaces('3473781.44 418908.66', [114.1, 31]);
    expect(far.map((it) => it.system)).toEqual(['epsg4547', 'epsg4548', 'epsg4549', 'epsg4550']);
  });

  it.each([
    '',
    '310114',
    '1 2',
    'NaN NaN',
    '1e9 1e9',
    '121.25',
    '121.25 31.38 5',
    '马陆 镇',
    '200 31',
    '121°61′ 31°',
  ])('is none: %j', (text) => {
    expect(readPlaces(text, near)).toEqual([]);
  });
});
