//! `DescribeFeatureType`: the XML schema of layers, with the fields that the caller may read.

use crate::access::Scope;
use crate::layer::FieldType;
use crate::layer::Geometry;
use crate::layer::Layer;

use super::NAMESPACE;
use super::PREFIX;
use super::xml::escaped;

const fn xsd_type(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Text => "xsd:string",
        FieldType::Integer => "xsd:long",
        FieldType::Decimal => "xsd:decimal",
        FieldType::Boolean => "xsd:boolean",
        FieldType::Date => "xsd:date",
    }
}

const fn gml_type(geometry: Geometry) -> Option<&'static str> {
    Some(match geometry {
        Geometry::Point => "gml:MultiPointPropertyType",
        Geometry::Line => "gml:MultiCurvePropertyType",
        Geometry::Polygon => "gml:MultiSurfacePropertyType",
        Geometry::None => return None,
    })
}

/// The schema of those layers. What is missing is left out, so nothing is nillable.
pub fn of_layers(layers: &[&Layer], scope: &Scope) -> String {
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xsd:schema xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
         xmlns:gml=\"http://www.opengis.net/gml/3.2\" xmlns:{PREFIX}=\"{NAMESPACE}\" elementFormDefault=\"qualified\" \
         targetNamespace=\"{NAMESPACE}\">\n<xsd:import namespace=\"http://www.opengis.net/gml/3.2\" \
         schemaLocation=\"http://schemas.opengis.net/gml/3.2.1/gml.xsd\"/>\n"
    );
    for layer in layers {
        let id = &layer.id;
        out += &format!(
            "<xsd:element name=\"{id}\" type=\"{PREFIX}:{id}Type\" substitutionGroup=\"gml:AbstractFeature\"/>\n\
             <xsd:complexType name=\"{id}Type\"><xsd:complexContent><xsd:extension base=\"gml:AbstractFeatureType\"><xsd:sequence>\n"
        );
        for (name, field) in layer.fields_for(scope) {
            let title = escaped(&format!("{} / {}", field.title.zh, field.title.en));
            out += &format!(
                "<xsd:element name=\"{name}\" type=\"{}\" minOccurs=\"0\"><xsd:annotation>\
                 <xsd:documentation>{title}</xsd:documentation></xsd:annotation></xsd:element>\n",
                xsd_type(field.kind)
            );
        }
        if let Some(kind) = gml_type(layer.geometry) {
            out += &format!("<xsd:element name=\"geom\" type=\"{kind}\" minOccurs=\"0\"/>\n");
        }
        out += "</xsd:sequence></xsd:extension></xsd:complexContent></xsd:complexType>\n";
    }
    out += "</xsd:schema>\n";
    out
}
