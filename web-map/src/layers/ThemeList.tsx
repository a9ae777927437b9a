import { Radio } from 'antd';
import type { Layer, LayerTree } from '../api/schema';
import { useText } from '../i18n';
import { useView } from '../state/view';
import { DownloadMenu } from './DownloadMenu';
import { LayerDetails } from './LayerDetails';
import { LayerTitle } from './LayerTitle';
import { ThemeEditor } from './ThemeEditor';
import { classedFilter } from './classes';
import { activeTheme, anyTicked, themesOf } from './order';

/** One theme at a time: two fills over the same parcels would mix into colours of no legend. */
export function ThemeList({ tree, themes }: { tree: LayerTree; themes: Layer[] }) {
  const { t, own } = useText();
  const view = useView();
  if (themes.length === 0) return null;
  const { theme: classes } = view;
  const active = activeTheme(tree.layers, view);
  return (
    <div role="radiogroup">
      {themes.map((it) => (
        <div key={it.id} className={it === active ? 'layer active' : 'layer'}>
          <LayerTitle tree={tree} layer={it} visible={it === active}>
            <Radio
              checked={it === active}
              disabled={!it.readable}
              onChange={() => view.setTheme(themesOf(tree.layers), it.id)}
            >
              {own(it.title)}
            </Radio>
          </LayerTitle>
          {it === active && (
            <>
              <ThemeEditor layer={it} />
              {classes?.layer === it.id ? (
                <details className="class-filter">
                  <summary>{t('theme.filter')}</summary>
                  <LayerDetails layer={it} />
                </details>
              ) : (
                <LayerDetails layer={it} downloads />
              )}
              <DownloadMenu
                layer={it}
                filter={classedFilter(it, view)}
                disabled={!anyTicked(it, view)}
                label={t('panel.download_theme')}
              />
            </>
          )}
        </div>
      ))}
      <div className="layer">
        <div className="layer-title">
          <Radio checked={active === null} onChange={() => view.setTheme(themesOf(tree.layers), null)}>
            <span className="quiet">{t('panel.no_theme')}</span>
          </Radio>
        </div>
      </div>
    </div>
  );
}
