import { PageHeader } from '../frame/PageHeader';

export function CataloguePage() {
  return <PageHeader />;
}
