export default function FootagePage() {
  return null;
}
