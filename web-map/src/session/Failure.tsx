import { Alert } from 'antd';

/** What did not work, in a form, above its button. */
export function Failure({ title, why }: { title: string; why: string | null }) {
  if (why === null) return null;
  return <Alert className="failure" type="error" showIcon title={title} description={why} />;
}
