// What the what-if page is opened for: `/scenarios?layer=…&ruleset=…&code=…`. Pure. What is read is treated as hostile.
import { isParcelCode, scenariosPage } from '../state/url';

export type ScenariosView = {
  layer: string | null;
  ruleset: string | null;
  /** A parcel that the map shows. */
  code: string | null;
};

const id = /^[a-z0-9][a-z0-9_-]{0,62}$/;

export function readScenarios(search: string): ScenariosView {
  const query = new URLSearchParams(search);
  const named = (name: string) => {
    const text = query.get(name);
    return text !== null && id.test(text) ? text : null;
  };
  const code = query.get('code');
  return {
    layer: named('layer'),
    ruleset: named('ruleset'),
    code: code !== null && isParcelCode(code) ? code : null,
  };
}

/** The path of the service that opens the page so. */
export function scenariosOf({ layer, ruleset, code }: ScenariosView): string {
  const query = new URLSearchParams();
  if (layer !== null) query.set('layer', layer);
  if (ruleset !== null) query.set('ruleset', ruleset);
  if (code !== null) query.set('code', code);
  const text = query.toString();
  return text ? `${scenariosPage}?${text}` : scenariosPage;
}
