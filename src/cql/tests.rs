use super::*;
#[test]
fn smoke() {
    assert_eq!(parse("a = 1").unwrap().to_string(), "a = 1");
}
