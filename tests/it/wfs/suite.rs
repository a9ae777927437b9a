//! What the official suite asks for (ets-wfs20: Simple and Basic WFS, response paging) and other tests do not.

use super::TYPE;
use super::attribute;
use super::encoded;
use super::get;
use super::ids;
use super::report;
use super::text;
use crate::ogc::with_grid;
use crate::support::TestApp;

const BY_ID: &str = "urn:ogc:def:query:OGC-WFS::GetFeatureById";

fn filter(content: &str) -> String {
    let filter = format!(
        "<fes:Filter xmlns:fes='http://www.opengis.net/fes/2.0' xmlns:gml='http://www.opengis.net/gml/3.2' \
         xmlns:tns='urn:mutu:layers'>{content}</fes:Filter>"
    );
    get(&format!("filter={}", encoded(&filter)))
}

async fn posted(it: &TestApp, body: &str) -> reqwest::Response {
    let body = body.replacen(
        ' ',
        " service='WFS' xmlns:wfs='http://www.opengis.net/wfs/2.0' xmlns:ows='http://www.opengis.net/ows/1.1' ",
        1,
    );
    it.client.post(it.url("/wfs")).body(body).send().await.unwrap()
}

/// `wfs-capabilities-2.0.sch`, `getCapabilities_missingServiceParam`, `getCapabilities_acceptVersions`.
#[tokio::test]
async fn capabilities_declare_what_a_basic_service_has() {
    let it = with_grid(1).await;
    let all = text(&it, "/wfs?service=WFS&request=GetCapabilities").await;
    for name in ["ImplementsBasicWFS", "ImplementsMinimumXPath", "ImplementsSorting"] {
        let (_, rest) = all.split_once(&format!("Constraint name=\"{name}\"")).unwrap();
        let (default, _) = rest.split_once("DefaultValue>").unwrap().1.split_once('<').unwrap();
        assert_eq!(default, "TRUE", "{name}");
    }
    for name in ["GetFeature", "GetPropertyValue"] {
        let (_, rest) = all.split_once(&format!("<ows:Operation name=\"{name}\">")).unwrap();
        let (operation, _) = rest.split_once("</ows:Operation>").unwrap();
        let (_, resolve) = operation.split_once("<ows:Parameter name=\"resolve\">").unwrap();
        assert!(resolve.contains("<ows:Value>local</ows:Value>"), "{operation}");
    }
    let path = "/wfs?request=GetCapabilities";
    let told = report(it.get(path).await, 400, path).await;
    assert_eq!(attribute(&told, "exceptionCode"), "MissingParameterValue");
    assert_eq!(attribute(&told, "locator"), "service");
    let asked = |versions: &str| {
        format!(
            "<wfs:GetCapabilities ><ows:AcceptVersions>{versions}</ows:AcceptVersions></wfs:GetCapabilities>"
        )
    };
    let some = "<ows:Version>10.0.0</ows:Version><ows:Version>2.0.0</ows:Version>";
    assert_eq!(posted(&it, &asked(some)).await.text().await.unwrap(), all);
    let none = posted(&it, &asked("<ows:Version>1.1.0</ows:Version>")).await;
    let told = report(none, 400, "1.1.0").await;
    assert_eq!(attribute(&told, "exceptionCode"), "VersionNegotiationFailed");
}

/// `getFeatureWithHitsOnly`.
#[tokio::test]
async fn a_count_leads_to_the_first_page() {
    let it = with_grid(5).await;
    let hits = text(&it, &get("count=2&resultType=hits&startIndex=3")).await;
    assert_eq!((attribute(&hits, "numberMatched"), attribute(&hits, "numberReturned")), ("5", "0"));
    assert!(!hits.contains(" previous="), "{hits}");
    let next = attribute(&hits, "next").replace("&amp;", "&");
    let path = &next[next.find("/wfs?").unwrap()..];
    let first = text(&it, path).await;
    assert_eq!(ids(&first), [1, 2]);
    assert!(attribute(&first, "next").contains("startIndex=2"), "{first}");
    let nothing = text(&it, &get("resultType=hits&cql_filter=id%3C0")).await;
    assert!(!nothing.contains(" next="), "{nothing}");
}

/// `invokeGetFeatureByIdWithUnknownID`, `describeStoredQuery_GetFeatureById`.
#[tokio::test]
async fn an_id_of_nobodys_is_not_found() {
    let it = with_grid(2).await;
    let by_id = |query: &str, id: &str| {
        format!("/wfs?service=WFS&version=2.0.0&request=GetFeature&storedQuery_id={query}&id={id}")
    };
    for id in ["uuid-4c0b9a6e", "parcels.3", "parcels.x", "percels.1", "."] {
        let told = report(it.get(&by_id(BY_ID, id)).await, 404, id).await;
        assert_eq!(attribute(&told, "exceptionCode"), "NotFound", "{told}");
        let query = format!(
            "<wfs:StoredQuery id='{BY_ID}'><wfs:Parameter name='id'>{id}</wfs:Parameter></wfs:StoredQuery>"
        );
        let body = format!("<wfs:GetFeature version='2.0.0'>{query}</wfs:GetFeature>");
        report(posted(&it, &body).await, 404, id).await;
    }
    let newer = "http://www.opengis.net/def/query/OGC-WFS/0/GetFeatureById";
    let one = text(&it, &by_id(&encoded(newer), "parcels.2")).await;
    assert!(one.contains("<mutu:parcels gml:id=\"parcels.2\" "), "{one}");
    let described = |query: &str| {
        format!(
            "/wfs?service=WFS&version=2.0.0&request=DescribeStoredQueries&storedQuery_id={query}"
        )
    };
    assert!(text(&it, &described(BY_ID)).await.contains(BY_ID));
    let told = report(it.get(&described("urn:x")).await, 400, "urn:x").await;
    assert_eq!(attribute(&told, "exceptionCode"), "InvalidParameterValue");
    let body = "<wfs:DescribeStoredQueries ><wfs:StoredQueryId>urn:x</wfs:StoredQueryId></wfs:DescribeStoredQueries>";
    report(posted(&it, body).await, 400, "urn:x").await;
}

/// `getProperty_gmlId`, `getProperty_emptyValueRef`.
#[tokio::test]
async fn ids_are_values_too() {
    let it = with_grid(3).await;
    let values = |of: &str| {
        format!(
            "/wfs?service=WFS&version=2.0.0&request=GetPropertyValue&typeNames={TYPE}&valueReference={of}"
        )
    };
    for of in ["@gml:id", "mutu:parcels/@gml:id"] {
        let found = text(&it, &values(of)).await;
        assert_eq!(found.matches("<wfs:member>parcels.").count(), 3, "{found}");
        assert!(found.contains("<wfs:member>parcels.2</wfs:member>"), "{found}");
    }
    let body = "<wfs:GetPropertyValue version='2.0.0' valueReference='@gml:id' resolve='local'>\
         <wfs:Query typeNames='ns1:parcels' xmlns:ns1='urn:mutu:layers'/></wfs:GetPropertyValue>";
    assert!(posted(&it, body).await.text().await.unwrap().contains(">parcels.3<"));
    assert_eq!(attribute(&text(&it, &values("gml:name")).await, "numberReturned"), "0");
    assert_eq!(attribute(&text(&it, &values("mutu:name[1]")).await, "numberReturned"), "3");
    let empty = report(it.get(&values("")).await, 400, "empty").await;
    assert_eq!(attribute(&empty, "exceptionCode"), "InvalidParameterValue");
    let missing = report(it.get(&values("").replace("&valueReference=", "")).await, 400, "").await;
    assert_eq!(attribute(&missing, "exceptionCode"), "MissingParameterValue");
    let body = body.replace("'@gml:id'", "''");
    let empty = report(posted(&it, &body).await, 400, "empty").await;
    assert_eq!(attribute(&empty, "exceptionCode"), "InvalidParameterValue");
}

/// `gmlNameIsNull`, `propertyIsNotNull`, `propertyIsNil`, `nonSpecificBBOX`, `invalidGeometryOperand`; steps and `[1]` of the
/// minimum of XPath.
#[tokio::test]
async fn conditions_name_what_gml_has_of_every_feature() {
    let it = with_grid(30).await;
    let all: Vec<i64> = (1..=30).collect();
    let reference = |of: &str| format!("<fes:ValueReference>{of}</fes:ValueReference>");
    let null = |of: &str| format!("<fes:PropertyIsNull>{}</fes:PropertyIsNull>", reference(of));
    let equal = |of: &str, value: &str| {
        let value = format!("<fes:Literal>{value}</fes:Literal>");
        format!(
            "<fes:PropertyIsEqualTo matchAction='Any'>{value}{}</fes:PropertyIsEqualTo>",
            reference(of)
        )
    };
    let bbox = |of: &str| {
        format!(
            "<fes:BBOX>{of}<gml:Envelope srsName='urn:ogc:def:crs:EPSG::4490'><gml:lowerCorner>31.2995 121.1995</gml:lowerCorner>\
             <gml:upperCorner>31.3025 121.2025</gml:upperCorner></gml:Envelope></fes:BBOX>"
        )
    };
    let near = vec![1, 2, 26, 27];
    for (content, wanted) in [
        (null("gml:name"), all.clone()),
        (format!("<fes:Not>{}</fes:Not>", null("gml:name")), vec![]),
        (format!("<fes:Not>{}</fes:Not>", null("tns:geom")), all),
        (null("@gml:id"), vec![]),
        (equal("gml:name", "x"), vec![]),
        (equal("@gml:id", "parcels.2"), vec![2]),
        (equal("tns:parcels/@gml:id", "towns.2"), vec![]),
        (equal("tns:parcels/tns:parcel_code[1]", "P00003"), vec![3]),
        (bbox(""), near.clone()),
        (bbox(&reference("gml:boundedBy")), near.clone()),
        (bbox(&reference("tns:parcels/tns:geom")), near),
    ] {
        assert_eq!(ids(&text(&it, &filter(&content)).await), wanted, "{content}");
    }
    for content in [bbox(&reference("gml:description")), bbox(&reference("tns:name"))] {
        let told = report(it.get(&filter(&content)).await, 400, &content).await;
        assert_eq!(attribute(&told, "exceptionCode"), "InvalidParameterValue", "{told}");
    }
    // What is missing is left out, so a schema that calls it nillable would be wrong.
    let schema = "/wfs?service=WFS&version=2.0.0&request=DescribeFeatureType";
    assert!(!text(&it, schema).await.contains("nillable"));
    for (resolve, status) in [("none", 200), ("local", 200), ("remote", 400), ("all", 400)] {
        let answered = it.get(&get(&format!("resolve={resolve}"))).await;
        assert_eq!(answered.status(), status, "{resolve}");
    }
}

#[tokio::test]
async fn what_fails_before_a_service_is_asked_is_told_in_its_form() {
    let it = with_grid(1).await;
    let long = "x".repeat(200_000);
    let body = format!("<wfs:GetFeature ><!-- {long} --></wfs:GetFeature>");
    let told = report(posted(&it, &body).await, 413, "a long body").await;
    assert_eq!(attribute(&told, "exceptionCode"), "OperationProcessingFailed");
    for service in ["wfs", "wms", "wmts"] {
        let refused = it.client.delete(it.url(&format!("/{service}"))).send().await.unwrap();
        assert_eq!(refused.status(), 405, "{service}");
        assert_eq!(refused.headers()["content-type"], "text/xml; charset=utf-8", "{service}");
        let told = refused.text().await.unwrap();
        let root =
            if service == "wms" { "<ServiceExceptionReport" } else { "<ows:ExceptionReport" };
        assert!(told.contains(root) && told.contains("DELETE"), "{told}");
    }
    let elsewhere = it.client.delete(it.url("/ogc/collections")).send().await.unwrap();
    assert_eq!(elsewhere.headers()["content-type"], "application/problem+json");
}
