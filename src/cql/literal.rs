//! Geometries that a client wrote, as SQL in the stored reference system. Values are bound; what is projected is projected
//! by PostGIS.

use crate::crs::Crs;

/// Parts that each edge of a box is cut into before it is projected: it is straight in its own system only.
const PARTS: f64 = 64.0;

/// `geometry`, SQL of a geometry in the system's own axis order and with its [`Crs::srid`], brought to what is stored.
pub fn stored(crs: Crs, geometry: &str) -> String {
    let turned = if crs.is_north_first() {
        format!("ST_FlipCoordinates({geometry})")
    } else {
        geometry.to_owned()
    };
    if crs.is_degrees() { turned } else { format!("ST_Transform({turned}, 4490)") }
}

/// A box of the least and the greatest first and second coordinate, in the axis order of `crs`; `bind` takes a coordinate
/// and gives the SQL that stands for it. A box without height or width is a line or a point. What lies beyond the
/// system's domain is left out: the projection has no answer there.
pub fn envelope(crs: Crs, edges: [f64; 4], mut bind: impl FnMut(f64) -> String) -> String {
    let [west, south, east, north] = match edges {
        [south, west, north, east] if crs.is_north_first() => [west, south, east, north],
        as_written => as_written,
    };
    let srid = crs.srid();
    if crs.is_degrees() {
        let [west, south, east, north] = [west, south, east, north].map(bind);
        return format!(
            "ST_SetSRID(ST_Envelope(ST_MakeLine(ST_MakePoint({west}, {south}), ST_MakePoint({east}, {north}))), {srid})"
        );
    }
    let [least_x, least_y, most_x, most_y] = crs.domain();
    let inside = [
        west.clamp(least_x, most_x),
        south.clamp(least_y, most_y),
        east.clamp(least_x, most_x),
        north.clamp(least_y, most_y),
    ];
    let step = (inside[2] - inside[0]).max(inside[3] - inside[1]) / PARTS;
    let [west, south, east, north] = inside.map(&mut bind);
    let area = format!(
        "ST_SetSRID(ST_Envelope(ST_MakeLine(ST_MakePoint({west}, {south}), ST_MakePoint({east}, {north}))), {srid})"
    );
    if step > 0.0 {
        return format!("ST_Transform(ST_Segmentize({area}, {}), 4490)", bind(step));
    }
    format!("ST_Transform({area}, 4490)")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(crs: Crs, edges: [f64; 4]) -> String {
        envelope(crs, edges, |it| it.to_string())
    }

    #[test]
    fn degrees_are_turned_and_never_projected() {
        let plain = written(Crs::Crs84, [121.0, 31.0, 121.5, 31.5]);
        assert_eq!(plain, written(Crs::STORED, [31.0, 121.0, 31.5, 121.5]));
        assert!(plain.contains("ST_MakePoint(121, 31)") && !plain.contains("Transform"), "{plain}");
    }

    #[test]
    fn metres_are_projected_in_parts_and_only_where_they_can_be() {
        let it = written(Crs::Epsg(4549), [3_460_000.0, 300_000.0, 3_466_400.0, 306_400.0]);
        assert!(
            it.contains("ST_MakePoint(300000, 3460000)") && it.contains("), 100), 4490)"),
            "{it}"
        );
        let far = written(Crs::Epsg(4549), [-1e300, -1e300, 1e300, 1e300]);
        assert!(far.contains("ST_MakePoint(-500000, 0)"), "{far}");
        let point = written(Crs::Epsg(3857), [0.0, 0.0, 0.0, 0.0]);
        assert!(!point.contains("Segmentize"), "{point}");
    }
}
