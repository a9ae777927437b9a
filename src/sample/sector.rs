//! Manufacturing sectors (GB/T 4754) with what is usual in each: tax, value added, energy.

/// A class of GB/T 4754 and its habits; ratios are rough, only their order is meant to be plausible.
#[derive(Debug, PartialEq)]
pub struct Sector {
    pub code: &'static str,
    pub title: &'static str,
    /// How firms of the sector call their trade.
    pub trade: &'static str,
    /// How common it is.
    pub weight: f64,
    /// Tax per mu compared with the mean of all.
    pub tax: f64,
    /// Value added in a unit of output.
    pub value_added: f64,
    /// Energy in tonnes of standard coal for 万元 of output.
    pub energy_tce: f64,
}

const fn sector(
    code: &'static str,
    title: &'static str,
    trade: &'static str,
    weight: f64,
    [tax, value_added, energy_tce]: [f64; 3],
) -> Sector {
    Sector { code, title, trade, weight, tax, value_added, energy_tce }
}

pub const SECTORS: [Sector; 44] = [
    sector("C1353", "肉制品及副产品加工", "食品", 0.5, [0.6, 0.17, 0.05]),
    sector("C1411", "糕点、面包制造", "食品", 1.0, [0.8, 0.24, 0.06]),
    sector("C1499", "其他未列明食品制造", "食品科技", 1.0, [0.9, 0.25, 0.06]),
    sector("C1523", "果菜汁及果菜汁饮料制造", "饮料", 0.3, [0.9, 0.26, 0.07]),
    sector("C1713", "棉印染精加工", "印染", 0.6, [0.5, 0.19, 0.28]),
    sector("C1789", "其他产业用纺织制成品制造", "纺织品", 1.2, [0.55, 0.2, 0.08]),
    sector("C1819", "其他机织服装制造", "服装", 2.0, [0.55, 0.24, 0.03]),
    sector("C1953", "塑料鞋制造", "鞋业", 0.4, [0.45, 0.22, 0.04]),
    sector("C2110", "木质家具制造", "家具", 1.6, [0.5, 0.23, 0.04]),
    sector("C2231", "纸和纸板容器制造", "包装", 2.0, [0.6, 0.19, 0.09]),
    sector("C2319", "包装装潢及其他印刷", "印刷", 1.6, [0.7, 0.24, 0.06]),
    sector("C2452", "塑胶玩具制造", "玩具", 0.4, [0.5, 0.2, 0.05]),
    sector("C2641", "涂料制造", "涂料", 1.2, [1.2, 0.26, 0.09]),
    sector("C2659", "其他合成材料制造", "新材料", 1.4, [1.2, 0.24, 0.16]),
    sector("C2669", "其他专用化学产品制造", "化工", 0.9, [1.1, 0.25, 0.2]),
    sector("C2720", "化学药品制剂制造", "制药", 0.9, [1.9, 0.36, 0.06]),
    sector("C2770", "卫生材料及医药用品制造", "医用材料", 0.8, [1.3, 0.32, 0.05]),
    sector("C2919", "其他橡胶制品制造", "橡胶制品", 1.4, [0.7, 0.2, 0.11]),
    sector("C2929", "塑料零件及其他塑料制品制造", "塑料制品", 4.5, [0.7, 0.21, 0.09]),
    sector("C3021", "水泥制品制造", "建材", 0.8, [0.5, 0.2, 0.12]),
    sector("C3042", "特种玻璃制造", "玻璃", 0.5, [0.8, 0.23, 0.24]),
    sector("C3130", "钢压延加工", "金属材料", 0.7, [0.6, 0.15, 0.3]),
    sector("C3252", "铝压延加工", "铝业", 0.7, [0.7, 0.16, 0.22]),
    sector("C3311", "金属结构制造", "钢结构", 2.4, [0.6, 0.2, 0.06]),
    sector("C3360", "金属表面处理及热处理加工", "金属表面处理", 1.6, [0.55, 0.23, 0.18]),
    sector("C3392", "有色金属铸造", "铸造", 0.8, [0.5, 0.19, 0.25]),
    sector("C3399", "其他未列明金属制品制造", "金属制品", 3.4, [0.65, 0.22, 0.07]),
    sector("C3424", "金属切割及焊接设备制造", "焊接设备", 1.0, [1.0, 0.27, 0.03]),
    sector("C3443", "阀门和旋塞制造", "阀门", 1.4, [1.0, 0.26, 0.04]),
    sector("C3459", "其他传动部件制造", "传动机械", 1.2, [0.95, 0.26, 0.05]),
    sector("C3489", "其他通用零部件制造", "精密机械", 4.0, [0.9, 0.25, 0.05]),
    sector("C3525", "模具制造", "模具", 3.0, [0.9, 0.3, 0.05]),
    sector("C3569", "其他电子专用设备制造", "电子设备", 1.2, [1.5, 0.33, 0.02]),
    sector("C3584", "医疗、外科及兽医用器械制造", "医疗器械", 1.4, [1.7, 0.38, 0.02]),
    sector("C3612", "新能源车整车制造", "新能源汽车", 0.3, [2.4, 0.24, 0.02]),
    sector("C3670", "汽车零部件及配件制造", "汽车零部件", 9.0, [1.35, 0.24, 0.04]),
    sector("C3821", "变压器、整流器和电感器制造", "电气", 1.2, [1.1, 0.23, 0.02]),
    sector("C3823", "配电开关控制设备制造", "电气设备", 2.2, [1.2, 0.25, 0.02]),
    sector("C3831", "电线、电缆制造", "电缆", 1.6, [0.8, 0.15, 0.03]),
    sector("C3973", "集成电路制造", "微电子", 0.5, [2.0, 0.34, 0.09]),
    sector("C3983", "敏感元件及传感器制造", "传感技术", 1.4, [1.8, 0.35, 0.02]),
    sector("C3989", "其他电子元件制造", "电子", 2.6, [1.3, 0.27, 0.04]),
    sector("C4011", "工业自动控制系统装置制造", "自动化", 2.4, [1.7, 0.33, 0.02]),
    sector("C4340", "电气设备修理", "设备维修", 0.8, [0.8, 0.3, 0.02]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_of_manufacturing_and_sorted() {
        assert!(SECTORS.windows(2).all(|it| it[0].code < it[1].code));
        for sector in &SECTORS {
            let division: u32 = sector.code[1..3].parse().expect("two digits");
            assert!(sector.code.len() == 5 && (13..=43).contains(&division), "{}", sector.code);
        }
    }
}
