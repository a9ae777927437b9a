// Loads the page and, at the same time, the screen that takes longest to load: that of the map.
import { fromPath } from './state/base';
import { readScreen } from './state/url';

void import('./root');
if (readScreen(fromPath(location.pathname) ?? '/') === 'map') void import('./map/MapScreen');
