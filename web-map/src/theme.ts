import type { ThemeConfig } from 'antd';

/** Calm greys and one petrol accent, so that the parcels carry the colour. */
export const theme: ThemeConfig = {
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
};
