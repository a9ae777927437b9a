import { Component, type ReactNode } from 'react';
import { i18n } from './i18n';

/** The last resort: a failure while drawing shows what to do instead of a blank page. */
export class Crash extends Component<{ children: ReactNode }, { message: string | null }> {
  override state = { message: null };

  static getDerivedStateFromError(error: unknown) {
    return { message: error instanceof Error ? error.message : String(error) };
  }

  override render() {
    if (this.state.message === null) return this.props.children;
    return (
      <div className="notice-page" role="alert">
        <h1>{i18n.t('error.page')}</h1>
        <p>{i18n.t('error.page_help')}</p>
        <pre>{this.state.message}</pre>
      </div>
    );
  }
}
