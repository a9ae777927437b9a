// Keeps an open map up to date: its tiles, the layer tree with its counts, the parcel that is open.
import { useQueryClient } from '@tanstack/react-query';
import type { Map as MapLibreMap } from 'maplibre-gl';
import { useEffect } from 'react';
import { listenToAll } from '../api/client';
import type { Bbox, LayerTree } from '../api/schema';
import { followChanges, type Changed, type Means } from './follow';
import { refreshAtRest, refreshOld, shownTiles } from './refresh';

const eventsPath = '/api/v1/events';

/** An import changes several layers in a row, and all open maps hear of it at once. */
const gather = 300;
const spread = 700;

/** `who` is whose map it is: for somebody else everything is asked for anew. `filters` is what the tiles are narrowed to. */
export function useLive(
  map: MapLibreMap | null,
  tree: LayerTree,
  who: string,
  filters: ReadonlyMap<string, string>,
): void {
  const queries = useQueryClient();

  useEffect(() => {
    shownTiles.narrow(filters);
    shownTiles.learn(tree.layers);
    if (map) refreshOld(map);
  }, [map, tree, filters]);

  useEffect(() => {
    if (!map) return;
    return refreshAtRest(map);
  }, [map]);

  useEffect(() => {
    if (!map) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const askAgain = () => {
      timer ??= setTimeout(
        () => {
          timer = undefined;
          void queries.invalidateQueries({ queryKey: ['layers'] });
          void queries.invalidateQueries({ queryKey: ['dossier'] });
          void queries.invalidateQueries({ queryKey: ['stats'] });
        },
        gather + Math.random() * spread,
      );
    };
    const stop = followChanges(
      means(() => void queries.invalidateQueries({ queryKey: ['layers'] })),
      {
        revisions: (revisions) => {
          shownTiles.stand(revisions);
          if (shownTiles.old().size === 0) return;
          refreshOld(map);
          askAgain();
        },
        changed: ({ layer, revision, bbox }) => {
          shownTiles.change(layer, revision, bbox);
          refreshOld(map);
          askAgain();
        },
      },
    );
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [map, queries, who]);
}

function means(poll: () => void): Means {
  return {
    open: (stream) =>
      listenToAll(
        eventsPath,
        {
          revisions: (data) => {
            const revisions = readRevisions(data);
            if (revisions) stream.revisions(revisions);
          },
          changed: (data) => {
            const change = readChange(data);
            if (change) stream.changed(change);
          },
        },
        stream.failed,
      ),
    poll,
    later: (run, milliseconds) => {
      const timer = setTimeout(run, milliseconds);
      return () => clearTimeout(timer);
    },
    isHidden: () => document.visibilityState === 'hidden',
    onShown: (listener) => {
      document.addEventListener('visibilitychange', listener);
      return () => document.removeEventListener('visibilitychange', listener);
    },
    random: Math.random,
  };
}

type Members = Record<string, unknown>;

const isObject = (it: unknown): it is Members => typeof it === 'object' && it !== null;

function readRevisions(data: unknown): Map<string, number> | null {
  if (!isObject(data) || !Array.isArray(data['layers'])) return null;
  const pairs = data['layers'].flatMap((it: unknown): [string, number][] => {
    if (!isObject(it)) return [];
    const { layer, revision } = it;
    return typeof layer === 'string' && typeof revision === 'number' ? [[layer, revision]] : [];
  });
  return new Map(pairs);
}

function readChange(data: unknown): Changed | null {
  if (!isObject(data)) return null;
  const { layer, revision, bbox } = data;
  if (typeof layer !== 'string' || typeof revision !== 'number') return null;
  const isBox = Array.isArray(bbox) && bbox.length === 4 && bbox.every((it) => typeof it === 'number');
  return { layer, revision, bbox: isBox ? (bbox as Bbox) : null };
}
