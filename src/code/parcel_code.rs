//! 宗地代码 (19 characters) and 不动产单元号 (28), GB/T 37346.
//!
//! ```text
//! 310114 002 003 GB 00012 | F 00010001
//! 县级    区  子区 特征 顺序号 | 定着物 单元号
//! ```

use std::fmt;

/// Who owns the land: the first letter of the parcel's feature code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ownership {
    /// G, 国有.
    State,
    /// J, 集体.
    Collective,
    /// Z, 未确.
    Undecided,
}

/// A parcel code taken apart. Digits are kept as text: leading zeros mean something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParcelCode {
    /// 县级行政区, six digits.
    pub division: String,
    /// 地籍区, three digits.
    pub cadastral_area: String,
    /// 地籍子区, three digits.
    pub cadastral_subarea: String,
    pub ownership: Ownership,
    /// A 集体所有权, B 地表建设用地, S 地上, X 地下, C 宅基地, W 未确定 or 争议, Y 其他, and the farm and sea rights D–H, L, N.
    pub right: char,
    /// 顺序号, five digits.
    pub serial: String,
}

/// A real-estate unit number taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitCode {
    pub parcel: ParcelCode,
    /// F 房屋, L 林木, Q 其他, W 无.
    pub fixture: char,
    /// Eight digits; bare land has `00000000`.
    pub unit: String,
}

/// What is wrong with a code. `at` counts characters from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("应为 {expected} 位，现为 {found} 位 / should have {expected} characters, has {found}")]
    Length { expected: usize, found: usize },
    #[error("第 {at} 位应为{zh}，不是 `{found}` / character {at} should be {en}, not `{found}`")]
    Character { at: usize, found: char, zh: &'static str, en: &'static str },
}

/// Takes a 19-character parcel code apart.
pub fn parse(code: &str) -> Result<ParcelCode, Fault> {
    let characters: Vec<char> = code.chars().collect();
    if characters.len() != 19 {
        return Err(Fault::Length { expected: 19, found: characters.len() });
    }
    let ownership = match characters[12] {
        'G' => Ownership::State,
        'J' => Ownership::Collective,
        'Z' => Ownership::Undecided,
        found => {
            return Err(Fault::Character { at: 13, found, zh: " G、J 或 Z", en: "G, J or Z" });
        }
    };
    let right = characters[13];
    if !"ABSXCDEFGHLNWY".contains(right) {
        return Err(Fault::Character {
            at: 14,
            found: right,
            zh: "权利特征码",
            en: "a right's letter",
        });
    }
    Ok(ParcelCode {
        division: digits(&characters, 0, 6)?,
        cadastral_area: digits(&characters, 6, 9)?,
        cadastral_subarea: digits(&characters, 9, 12)?,
        ownership,
        right,
        serial: digits(&characters, 14, 19)?,
    })
}

/// Takes a 28-character real-estate unit number apart.
pub fn parse_unit(code: &str) -> Result<UnitCode, Fault> {
    let characters: Vec<char> = code.chars().collect();
    if characters.len() != 28 {
        return Err(Fault::Length { expected: 28, found: characters.len() });
    }
    let fixture = characters[19];
    if !"FLQW".contains(fixture) {
        return Err(Fault::Character {
            at: 20,
            found: fixture,
            zh: " F、L、Q 或 W",
            en: "F, L, Q or W",
        });
    }
    let parcel: String = characters[..19].iter().collect();
    Ok(UnitCode { parcel: parse(&parcel)?, fixture, unit: digits(&characters, 20, 28)? })
}

fn digits(characters: &[char], from: usize, to: usize) -> Result<String, Fault> {
    match (from..to).find(|it| !characters[*it].is_ascii_digit()) {
        Some(at) => {
            Err(Fault::Character { at: at + 1, found: characters[at], zh: "数字", en: "a digit" })
        }
        None => Ok(characters[from..to].iter().collect()),
    }
}

impl fmt::Display for ParcelCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let owner = match self.ownership {
            Ownership::State => 'G',
            Ownership::Collective => 'J',
            Ownership::Undecided => 'Z',
        };
        let Self { division, cadastral_area, cadastral_subarea, right, serial, .. } = self;
        write!(out, "{division}{cadastral_area}{cadastral_subarea}{owner}{right}{serial}")
    }
}

impl fmt::Display for UnitCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}{}", self.parcel, self.fixture, self.unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn golden_28_character_layout() {
        let code = "310114002003GB00012F00010001";
        assert_eq!(code.len(), 28);
        let unit = parse_unit(code).unwrap();
        assert_eq!(unit.parcel.division, "310114");
        assert_eq!(unit.parcel.cadastral_area, "002");
        assert_eq!(unit.parcel.cadastral_subarea, "003");
        assert_eq!(unit.parcel.ownership, Ownership::State);
        assert_eq!((unit.parcel.right, unit.parcel.serial.as_str()), ('B', "00012"));
        assert_eq!((unit.fixture, unit.unit.as_str()), ('F', "00010001"));
        assert_eq!(unit.to_string(), code);
        assert!(parse_unit("310114002003GB00012W00000000").is_ok(), "bare land");
    }

    #[test]
    fn a_wrong_code_says_where() {
        assert_eq!(parse("310114"), Err(Fault::Length { expected: 19, found: 6 }));
        assert!(matches!(
            parse("3101140O2003GB00012"),
            Err(Fault::Character { at: 8, found: 'O', .. })
        ));
        assert!(matches!(parse("310114002003XB00012"), Err(Fault::Character { at: 13, .. })));
        assert!(matches!(
            parse_unit("310114002003GB00012Z00010001"),
            Err(Fault::Character { at: 20, .. })
        ));
    }

    proptest! {
        #[test]
        fn any_text_is_judged(text in ".{0,30}") {
            let _ = parse(&text);
            let _ = parse_unit(&text);
        }
    }
}
