import { describe, expect, it } from 'vitest';
import { sampleLayer } from '../layers/sample';
import { roomy, ShownTiles, tilesOf, touches } from './tiles';

const layer = (v: string) => sampleLayer('zones', { tiles: `/tiles/zones/{z}/{x}/{y}?v=${v}` });
const tile = 'https://land.example/mutu/tiles/zones/14/13715/6690';
const far = 'https://land.example/mutu/tiles/zones/14/13720/6690';
/** Within 14/13715/6690. */
const bbox: [number, number, number, number] = [121.36, 31.31, 121.362, 31.312];

function shown() {
  const tiles = new ShownTiles();
  tiles.learn([layer('7')]);
  tiles.ask(tile);
  tiles.ask(far);
  return tiles;
}

const old = (tiles: ShownTiles) => (tiles.old().get('zones') ?? []).map((it) => `${it.z}/${it.x}/${it.y}`);

describe('the tiles that are shown', () => {
  it('are asked for by the revision that is known', () => {
    const tiles = shown();
    expect(tilesOf(layer('7'))).toBe('/tiles/zones/{z}/{x}/{y}');
    expect(tiles.ask(tile)).toBe(`${tile}?v=7`);
    expect(tiles.ask('https://land.example/sprites/mutu.png')).toBe('https://land.example/sprites/mutu.png');
    expect(tiles.ask(`${tile}?filter=a`)).toBe(`${tile}?filter=a`);
    expect(tiles.ask(tile.replace('zones', 'unknown'))).toBe(tile.replace('zones', 'unknown'));
    tiles.learn([layer('7-viewer')]);
    expect(tiles.ask(tile)).toBe(`${tile}?v=7-viewer`);
  });

  it('are old where something changed, until they are asked for again', () => {
    const tiles = shown();
    expect(old(tiles)).toEqual([]);
    tiles.change('zones', 8, bbox);
    expect(old(tiles)).toEqual(['14/13715/6690']);
    expect(tiles.ask(tile)).toBe(`${tile}?v=8`);
    expect(old(tiles)).toEqual([]);
    // The tree says the same a moment later, or what was so before.
    tiles.learn([layer('8')]);
    tiles.learn([layer('7')]);
    expect(old(tiles)).toEqual([]);
    expect(tiles.ask(far)).toBe(`${far}?v=8`);
  });

  it('are all old when nobody says where it changed', () => {
    const tiles = shown();
    tiles.change('zones', 8, null);
    expect(old(tiles).length).toBe(2);
    const polled = shown();
    polled.learn([layer('9')]);
    expect(old(polled).length).toBe(2);
    const told = shown();
    told.stand(new Map([['zones', 7]]));
    expect(old(told)).toEqual([]);
    told.stand(new Map([['zones', 8]]));
    expect(old(told).length).toBe(2);
    const seenByAnother = shown();
    seenByAnother.learn([layer('7-officer')]);
    expect(old(seenByAnother).length).toBe(2);
  });

  it('follow a record that was restored', () => {
    const tiles = shown();
    tiles.stand(new Map([['zones', 3]]));
    expect(old(tiles).length).toBe(2);
    expect(tiles.ask(tile)).toBe(`${tile}?v=3`);
    expect(old(tiles)).toEqual(['14/13720/6690']);
  });

  it('stay few in memory, however many changes there are', () => {
    const tiles = shown();
    for (let revision = 8; revision < 200; revision += 1) tiles.change('zones', revision, bbox);
    expect(old(tiles)).toEqual(['14/13715/6690']);
    for (let x = 0; x < 5_000; x += 1) tiles.ask(`/tiles/zones/14/${x}/1`);
    tiles.change('zones', 300, null);
    expect(old(tiles).length).toBe(2_000);
  });
});

it('a tile is touched by what lies in it or in its margin', () => {
  const id = { z: 14, x: 13715, y: 6690 };
  expect(touches(id, bbox)).toBe(true);
  expect(touches({ ...id, x: 13714 }, bbox)).toBe(false);
  expect(touches({ ...id, y: 6689 }, bbox)).toBe(false);
  // The tile's western edge is 121.355 E.
  expect(touches({ ...id, x: 13714 }, [121.3553, 31.31, 121.356, 31.312])).toBe(true);
  expect(touches({ z: 0, x: 0, y: 0 }, bbox)).toBe(true);
  expect(touches({ z: 0, x: 0, y: 0 }, [-180, -90, 180, 90])).toBe(true);
});

it('bounds have room for a row at the edge', () => {
  expect(roomy([121.123, 31.2, 121.5, 31.41])).toEqual([121.1, 31.2, 121.5, 31.5]);
});
