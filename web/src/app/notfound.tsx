import { Button, Result } from "antd";
import { Link } from "react-router";
import { useTexts } from "../i18n/use";

export function NotFound() {
  const { t } = useTexts();
  return <Result status="404" title={<h1 className="plain">{t("nav.soon")}</h1>} extra={<Link to="/"><Button tabIndex={-1}>{t("nav.home")}</Button></Link>} />;
}
