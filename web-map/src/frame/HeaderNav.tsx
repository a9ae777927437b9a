import { DownOutlined } from '@ant-design/icons';
import { Dropdown } from 'antd';
import { useLayoutEffect, useRef, useState } from 'react';
import { useText } from '../i18n';
import { fitting } from './fitting';

export type NavItem = {
  key: string;
  label: string;
  /** A page; without one it is a button. */
  href?: string;
  onClick?: () => void;
  isCurrent?: boolean;
  disabled?: boolean;
};

/** Beside the words: padding on both sides. */
const beside = 16;
/** What the search box keeps, and other places without a width of their own. */
const searchLeast = 150;
const gap = 14;
const edges = 32;

/** The main menu. What has no room is under "more", so that no entry is cut or hidden without a sign. */
export function HeaderNav({ items }: { items: readonly NavItem[] }) {
  const { t } = useText();
  const nav = useRef<HTMLElement>(null);
  const [room, setRoom] = useState(Infinity);
  const [widths, setWidths] = useState<{ of: string; each: number[]; more: number }>();
  const labels = items.map((it) => it.label).join('\n');
  const more = t('menu.more');

  useLayoutEffect(() => {
    const own = nav.current;
    const header = own?.parentElement;
    if (!own || !header) return;
    // It only measures, for which the graphics card need not be woken.
    const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const measure = () => {
      if (pen) pen.font = getComputedStyle(own).font;
      const width = (text: string) => Math.ceil(pen?.measureText(text).width ?? 14 * text.length) + beside;
      setWidths({ of: labels, each: labels.split('\n').map(width), more: width(more) + 20 });
      const others = [...header.children].filter((it) => it !== own && !it.classList.contains('spring'));
      const taken = others.map((it) => (it.classList.contains('search') ? searchLeast : it.clientWidth));
      setRoom(header.clientWidth - edges - taken.reduce((sum, it) => sum + it + gap, 0));
    };
    measure();
    // What stands beside the menu grows when the session is known.
    const observer = new ResizeObserver(measure);
    for (const it of [header, ...header.children]) if (it !== own) observer.observe(it);
    void document.fonts.ready.then(measure);
    return () => observer.disconnect();
  }, [labels, more]);

  const shown = widths?.of === labels ? fitting(widths.each, widths.more, room) : items.length;
  const rest = items.slice(shown);
  const hasCurrent = rest.some((it) => it.isCurrent);
  return (
    <nav aria-label={t('menu.label')} ref={nav}>
      {items.slice(0, shown).map((it) =>
        it.href === undefined ? (
          <button
            key={it.key}
            type="button"
            aria-current={it.isCurrent}
            disabled={it.disabled}
            onClick={it.onClick}
          >
            {it.label}
          </button>
        ) : (
          <a key={it.key} href={it.href} aria-current={it.isCurrent ? 'page' : undefined}>
            {it.label}
          </a>
        ),
      )}
      {rest.length > 0 && (
        <Dropdown
          trigger={['click']}
          menu={{
            selectedKeys: rest.filter((it) => it.isCurrent).map((it) => it.key),
            items: rest.map((it) => ({
              key: it.key,
              disabled: it.disabled ?? false,
              label: it.href === undefined ? it.label : <a href={it.href}>{it.label}</a>,
            })),
            onClick: ({ key }) => rest.find((it) => it.key === key)?.onClick?.(),
          }}
        >
          <button type="button" className="more" aria-haspopup="menu" aria-current={hasCurrent}>
            {more} <DownOutlined />
          </button>
        </Dropdown>
      )}
    </nav>
  );
}
