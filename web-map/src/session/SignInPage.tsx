import { Button } from 'antd';
import { useLayerTree } from '../api/hooks';
import { LanguageSwitch } from '../frame/LanguageSwitch';
import { useText } from '../i18n';
import { ownPage, toPath } from '../state/base';
import { useKnown } from './known';
import { ParcelPattern } from './ParcelPattern';
import { Refused } from './Refused';
import { SignInForm } from './SignInForm';

/** The door: for links from mails, and for whoever was asked to sign in again. */
export function SignInPage() {
  const { t, own } = useText();
  const tree = useLayerTree().data;
  const account = useKnown((it) => it.session?.account ?? null);
  const to = ownPage(new URLSearchParams(location.search).get('to'));
  return (
    <div className="sign-in-page">
      <aside className="sign-in-side" aria-hidden="true">
        <ParcelPattern />
        <div className="sign-in-brand">
          <img src={toPath('/favicon.svg')} alt="" width={44} height={44} />
          <strong>{t('menu.brand')}</strong>
          <span>{tree ? own(tree.title) : '\u00a0'}</span>
        </div>
      </aside>
      <main className="sign-in-main">
        <div className="sign-in-top">
          <a href={toPath('/')}>{t('session.to_map')}</a>
          <LanguageSwitch />
        </div>
        <div className="sign-in-box">
          <h1>{t('session.sign_in')}</h1>
          {account && (
            <p className="sign-in-already">
              {t('session.already', { account })}{' '}
              <Button type="link" size="small" href={toPath(to)}>
                {t('session.go_on')}
              </Button>
            </p>
          )}
          <Refused />
          <SignInForm to={to} onDone={() => location.assign(toPath(to))} />
        </div>
      </main>
    </div>
  );
}
