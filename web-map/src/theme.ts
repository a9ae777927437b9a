import type { ThemeConfig } from 'antd';
import { useSyncExternalStore } from 'react';

/** Calm greys and one petrol accent, so that the parcels carry the colour. */
const theme = {
  token: {
    colorPrimary: '#1d5b79',
    colorLink: '#1d5b79',
    colorInfo: '#1d5b79',
    // Dark enough to be read as text.
    colorError: '#b42a20',
    controlItemBgActive: '#e3edf3',
    controlItemBgActiveHover: '#d6e5ee',
    colorTextBase: '#1b2733',
    colorTextPlaceholder: '#66727c',
    colorTextDescription: '#5d6a75',
    colorBorderSecondary: '#e3e7ea',
    borderRadius: 4,
    fontSize: 14,
    // Projectors and 1366-pixel screens: nothing smaller.
    fontSizeSM: 14,
    fontFamily:
      '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC",system-ui,-apple-system,"Segoe UI",sans-serif',
    motionDurationMid: '0.12s',
    motionDurationSlow: '0.16s',
  },
  components: {
    Tabs: { horizontalItemPadding: '10px 0', horizontalItemGutter: 22 },
    Slider: { handleSize: 8, handleSizeHover: 9, railSize: 3, controlSize: 8 },
  },
} satisfies ThemeConfig;

/** For whoever asked the system for less motion: dialogs and menus are there at once. */
const stillTheme: ThemeConfig = { ...theme, token: { ...theme.token, motion: false } };

const asksForLess = matchMedia('(prefers-reduced-motion: reduce)');

function follow(changed: () => void): () => void {
  asksForLess.addEventListener('change', changed);
  return () => asksForLess.removeEventListener('change', changed);
}

export function useTheme(): ThemeConfig {
  return useSyncExternalStore(follow, () => asksForLess.matches) ? stillTheme : theme;
}
