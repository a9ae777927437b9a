// The page itself; `main` loads it together with what it will show first.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { I18nextProvider } from 'react-i18next';
import { worthRetry } from './api/hooks';
import { App } from './App';
import { i18n } from './i18n';
import './style.css';
import './frame.css';
import './layers/layers.css';
import './map/map.css';
import './parcel/dossier.css';
import './session/session.css';
import './account/settings.css';
import './phone.css';

const queries = new QueryClient({ defaultOptions: { queries: { retry: worthRetry } } });
const root = document.getElementById('root');

if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <I18nextProvider i18n={i18n}>
          <App />
        </I18nextProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
