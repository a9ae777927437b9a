//! WFS 2.0.0 over HTTP and real PostGIS: what clients read through it, and what hostile ones send.

use mutu::access::Role;
use reqwest::Response;
use serde_json::Value;

use crate::ogc::with_grid;
use crate::support::TestApp;

mod clients;
mod suite;
mod values;

/// The name that stands for the layer in requests.
const TYPE: &str = "mutu:parcels";

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn get(parameters: &str) -> String {
    format!("/wfs?service=WFS&version=2.0.0&request=GetFeature&typeNames={TYPE}&{parameters}")
}

async fn text(it: &TestApp, path: &str) -> String {
    let response = it.get(path).await;
    let status = response.status();
    let text = response.text().await.unwrap();
    assert_eq!(status, 200, "{path}: {text}");
    text
}

fn attribute<'a>(text: &'a str, name: &str) -> &'a str {
    let from = text.find(&format!(" {name}=\"")).unwrap_or_else(|| panic!("no {name}: {text}"));
    let rest = &text[from + name.len() + 3..];
    &rest[..rest.find('"').unwrap()]
}

/// The ids of features in their order.
fn ids(text: &str) -> Vec<i64> {
    text.split("<mutu:parcels gml:id=\"parcels.")
        .skip(1)
        .map(|it| it[..it.find('"').unwrap()].parse().unwrap())
        .collect()
}

async fn report(response: Response, status: u16, what: &str) -> String {
    let (got, kind) = (response.status(), response.headers()["content-type"].clone());
    let text = response.text().await.unwrap();
    assert_eq!(got, status, "{what}: {text}");
    assert_eq!(kind, "text/xml; charset=utf-8", "{what}");
    assert!(text.contains("<ows:ExceptionReport"), "{what}: {text}");
    assert!(text.contains(" / "), "in both languages: {text}");
    text
}

#[tokio::test]
async fn capabilities_list_what_the_caller_may_read() {
    let it = with_grid(3).await;
    let path = "/wfs?SERVICE=wfs&REQUEST=getcapabilities&AcceptVersions=2.0.0,1.1.0&whatever=1";
    let public = text(&it, path).await;
    assert!(public.contains("<wfs:WFS_Capabilities version=\"2.0.0\""), "{public}");
    assert!(public.contains("<wfs:Name>mutu:parcels</wfs:Name>"), "{public}");
    assert!(public.contains("<wfs:DefaultCRS>urn:ogc:def:crs:EPSG::4490</wfs:DefaultCRS>"));
    assert!(public.contains("<ows:WGS84BoundingBox><ows:LowerCorner>121.2 31.3<"), "{public}");
    assert!(!public.contains("audit_entries"));
    let token = it.token(Role::Admin).await;
    let all = it.get_as(&token, path).await.text().await.unwrap();
    assert!(all.contains("<wfs:Name>mutu:audit_entries</wfs:Name>"));
    // By body, as some clients ask.
    let body = "<GetCapabilities service='WFS' xmlns='http://www.opengis.net/wfs/2.0'/>";
    let posted = it.client.post(it.url("/wfs")).body(body).send().await.unwrap();
    assert_eq!(posted.text().await.unwrap(), public);
}

#[tokio::test]
async fn rows_come_in_the_order_that_is_asked_for_and_pages_keep_it() {
    let it = with_grid(7).await;
    it.sql("update mutu.parcel set town_code = case when parcel_id in (2, 5) then null when parcel_id < 4 then '2' else '1' end")
        .await;
    for (order, wanted) in [
        ("gml:id+DESC", [7, 6, 5, 4, 3, 2, 1]),
        // Missing last, and equal ones by their ids.
        ("town_code", [4, 6, 7, 1, 3, 2, 5]),
        ("mutu:town_code+D,@id+DESC", [3, 1, 7, 6, 4, 5, 2]),
    ] {
        let mut page = text(&it, &get(&format!("count=3&sortBy={order}"))).await;
        let mut found = ids(&page);
        while page.contains(" next=\"") {
            let next = attribute(&page, "next").replace("&amp;", "&");
            let path = next.strip_prefix(it.app.config.base_url().as_str()).unwrap().to_owned();
            page = text(&it, &path).await;
            found.extend(ids(&page));
        }
        assert_eq!(found, wanted, "{order}");
    }
    let body = "<wfs:GetFeature service='WFS' version='2.0.0' xmlns:wfs='http://www.opengis.net/wfs/2.0' xmlns:fes='http://www.opengis.net/fes/2.0'><wfs:Query typeNames='mutu:parcels'><fes:SortBy><fes:SortProperty><fes:ValueReference>town_code</fes:ValueReference><fes:SortOrder>DESC</fes:SortOrder></fes:SortProperty></fes:SortBy></wfs:Query></wfs:GetFeature>";
    let posted = it.client.post(it.url("/wfs")).body(body).send().await.unwrap();
    assert_eq!(ids(&posted.text().await.unwrap()), [1, 3, 4, 6, 7, 2, 5]);
}

#[tokio::test]
async fn a_schema_has_the_fields_that_the_caller_may_read() {
    let it = with_grid(1).await;
    let path = "/wfs?service=WFS&version=2.0.0&request=DescribeFeatureType&typeName=parcels";
    let public = text(&it, path).await;
    assert!(public.contains("<xsd:element name=\"geom\" type=\"gml:MultiSurfacePropertyType\""));
    assert!(public.contains("<xsd:element name=\"area_registered_m2\" type=\"xsd:decimal\""));
    assert!(!public.contains("name=\"contract_start\""), "{public}");
    let token = it.token(Role::Officer).await;
    let more = it.get_as(&token, path).await.text().await.unwrap();
    assert!(more.contains("<xsd:element name=\"contract_start\" type=\"xsd:date\""), "{more}");
    let all = text(&it, "/wfs?request=DescribeFeatureType").await;
    assert!(all.contains("name=\"townsType\"") || all.matches("complexType name").count() > 3);
}

#[tokio::test]
async fn pages_have_every_feature_once_and_say_how_many_there_are() {
    let it = with_grid(2_345).await;
    let first = text(&it, &get("count=1000")).await;
    assert_eq!(attribute(&first, "numberMatched"), "2345");
    assert_eq!(attribute(&first, "numberReturned"), "1000");
    let mut found = ids(&first);
    let mut page = first;
    while page.contains(" next=\"") {
        let next = attribute(&page, "next").replace("&amp;", "&");
        let path = next.strip_prefix(it.app.config.base_url().as_str()).unwrap().to_owned();
        page = text(&it, &path).await;
        found.extend(ids(&page));
    }
    assert_eq!(found, (1..=2_345).collect::<Vec<i64>>());
    assert_eq!(attribute(&page, "numberReturned"), "345");
    // A page of more than a batch is counted before it is read.
    let long = text(&it, &get("maxFeatures=2000&startIndex=100")).await;
    assert_eq!(attribute(&long, "numberReturned"), "2000");
    assert_eq!(ids(&long), (101..=2_100).collect::<Vec<i64>>());
    assert!(long.contains(" previous=\"") && long.contains(" next=\""));
    let all = text(&it, &get("count=99999999999999999999")).await;
    assert_eq!((attribute(&all, "numberReturned"), ids(&all).len()), ("2345", 2_345));
    let hits = text(&it, &get("resultType=hits")).await;
    assert_eq!(attribute(&hits, "numberMatched"), "2345");
    assert_eq!(attribute(&hits, "numberReturned"), "0");
    assert!(ids(&text(&it, &get("count=0")).await).is_empty());
    assert!(ids(&text(&it, &get("startIndex=5000")).await).is_empty());
}

#[tokio::test]
async fn names_decide_on_axes() {
    let it = with_grid(1).await;
    let first = |text: &str| {
        let from = text.find("<gml:posList>").unwrap() + 13;
        let mut numbers = text[from..].split([' ', '<']).map(|it| it.parse::<f64>().unwrap());
        (numbers.next().unwrap(), numbers.next().unwrap())
    };
    let stored = text(&it, &get("")).await;
    assert!(stored.contains("srsName=\"urn:ogc:def:crs:EPSG::4490\""), "{stored}");
    assert_eq!(first(&stored), (31.3, 121.2));
    let short = text(&it, &get("srsName=EPSG:4490")).await;
    assert_eq!(first(&short), (121.2, 31.3));
    let urn = first(&text(&it, &get("srsName=urn:ogc:def:crs:EPSG::4549")).await);
    let east = first(&text(&it, &get("srsName=EPSG:4549")).await);
    assert_eq!(urn, (east.1, east.0));
    assert!(urn.0 > 3_000_000.0 && urn.1 < 1_000_000.0, "{urn:?}");
    // GeoJSON is easting first whatever the name.
    let json: Value =
        it.json(&get("outputFormat=application/json&srsName=urn:ogc:def:crs:EPSG::4549")).await;
    assert_eq!(json["features"][0]["geometry"]["coordinates"][0][0][0][0].as_f64(), Some(east.0));
    assert_eq!(json["crs"]["properties"]["name"], "urn:ogc:def:crs:EPSG::4549");
    assert_eq!((&json["numberMatched"], &json["numberReturned"]), (&1.into(), &1.into()));
}

#[tokio::test]
async fn filters_boxes_and_ids_select_alike() {
    let it = with_grid(100).await;
    let by_bbox = |it: &str| get(&format!("bbox={it}"));
    let wanted = [1, 2, 26, 27];
    let envelope = |srs: &str, low: &str, high: &str| {
        format!(
            "<fes:Filter xmlns:fes='http://www.opengis.net/fes/2.0' xmlns:gml='http://www.opengis.net/gml/3.2'><fes:BBOX>\
             <fes:ValueReference>mutu:geom</fes:ValueReference><gml:Envelope srsName='{srs}'><gml:lowerCorner>{low}</gml:lowerCorner>\
             <gml:upperCorner>{high}</gml:upperCorner></gml:Envelope></fes:BBOX></fes:Filter>"
        )
    };
    for path in [
        by_bbox("31.2995,121.1995,31.3025,121.2025"),
        by_bbox("31.2995,121.1995,31.3025,121.2025,urn:ogc:def:crs:EPSG::4490"),
        by_bbox("121.1995,31.2995,121.2025,31.3025,EPSG:4490"),
        by_bbox("121.1995,31.2995,121.2025,31.3025,urn:ogc:def:crs:OGC:1.3:CRS84"),
        get(&format!(
            "filter={}",
            encoded(&envelope("EPSG:4326", "121.1995 31.2995", "121.2025 31.3025"))
        )),
        get(&format!(
            "filter={}",
            encoded(&envelope(
                "urn:ogc:def:crs:EPSG::4490",
                "31.2995 121.1995",
                "31.3025 121.2025"
            ))
        )),
        get(&format!(
            "cql_filter={}",
            encoded("S_INTERSECTS(geom, BBOX(121.1995,31.2995,121.2025,31.3025))")
        )),
        get("resourceId=parcels.1,parcels.2,parcels.26,parcels.27,towns.3,parcels.x"),
        "/wfs?service=WFS&request=GetFeature&resourceId=parcels.1,parcels.2,parcels.26,parcels.27"
            .to_owned(),
        get(&format!("cql_filter={}", encoded("id IN (1,2,26,27)"))),
    ] {
        assert_eq!(ids(&text(&it, &path).await), wanted, "{path}");
    }
    let body = format!(
        "<wfs:GetFeature service='WFS' version='2.0.0' xmlns:wfs='http://www.opengis.net/wfs/2.0'><wfs:Query typeNames='{TYPE}'>\
         <wfs:PropertyName>parcel_code</wfs:PropertyName>\
         <fes:Filter xmlns:fes='http://www.opengis.net/fes/2.0'><fes:And><fes:PropertyIsEqualTo><fes:ValueReference>town_code</fes:ValueReference>\
         <fes:Literal>114</fes:Literal></fes:PropertyIsEqualTo><fes:PropertyIsLessThan><fes:ValueReference>area_registered_m2</fes:ValueReference>\
         <fes:Literal>1000</fes:Literal></fes:PropertyIsLessThan></fes:And></fes:Filter></wfs:Query></wfs:GetFeature>"
    );
    let posted = it.client.post(it.url("/wfs")).body(body).send().await.unwrap();
    let posted = posted.text().await.unwrap();
    assert_eq!(ids(&posted), [3, 6, 9]);
    assert!(!posted.contains("<mutu:name>") && !posted.contains("<mutu:geom>"), "{posted}");
    let form = [("request", "GetFeature"), ("typename", TYPE), ("cql_filter", "id < 3")];
    let posted = it.client.post(it.url("/wfs")).form(&form).send().await.unwrap();
    assert_eq!(ids(&posted.text().await.unwrap()), [1, 2]);
    // One feature by itself.
    let by_id = "/wfs?service=WFS&version=2.0.0&request=GetFeature&storedQuery_id=urn:ogc:def:query:OGC-WFS::GetFeatureById&id=parcels.7";
    let one = text(&it, by_id).await;
    assert!(one.contains("?>\n<mutu:parcels gml:id=\"parcels.7\" "), "{one}");
    report(it.get(&by_id.replace("parcels.7", "parcels.700")).await, 404, "no such id").await;
}

#[tokio::test]
async fn fields_that_are_closed_do_not_exist() {
    let it = with_grid(3).await;
    let asks: [fn(&str) -> String; 3] = [
        |name| format!("propertyName={name}"),
        |name| format!("cql_filter={name}='USCC1'"),
        |name| {
            let filter = format!(
                "<Filter><PropertyIsEqualTo><ValueReference>{name}</ValueReference><Literal>USCC1</Literal></PropertyIsEqualTo></Filter>"
            );
            format!("filter={}", encoded(&filter))
        },
    ];
    for ask in asks {
        let (closed, unknown) = ("holder_uscc", "holder_usccx");
        let told = report(it.get(&get(&ask(closed))).await, 400, closed).await;
        let other = report(it.get(&get(&ask(unknown))).await, 400, unknown).await;
        assert_eq!(told.replace(closed, "x"), other.replace(unknown, "x"));
    }
    let layer = "/wfs?request=GetFeature&typeNames=audit_entries";
    report(it.get(layer).await, 401, layer).await;
    let token = it.token(Role::Viewer).await;
    report(it.get_as(&token, layer).await, 403, layer).await;
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_its_place() {
    let it = with_grid(3).await;
    let bomb = "<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;\">]><Filter>&c;</Filter>";
    let file = "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><Filter>&b;</Filter>";
    let deep = format!("<Filter>{}{}</Filter>", "<Not>".repeat(45), "</Not>".repeat(45));
    let nested = format!("<Filter>{}", "<a>".repeat(2_000));
    let quoted = "<Filter><PropertyIsEqualTo><ValueReference>name' or 1=1 --</ValueReference><Literal>1</Literal></PropertyIsEqualTo></Filter>";
    let doubled = quoted.replace('\'', "\"");
    for filter in [
        bomb,
        file,
        &deep,
        &nested,
        quoted,
        &doubled,
        "",
        " ",
        "x",
        "<a/>",
        "<Filter>\u{1}</Filter>",
    ] {
        if filter.is_empty() {
            continue;
        }
        let told =
            report(it.get(&get(&format!("filter={}", encoded(filter)))).await, 400, filter).await;
        assert!(told.contains("locator=\"filter\""), "{told}");
        assert!(!told.contains("root:"), "{told}");
    }
    for body in [bomb, file, nested.as_str(), "", "GetFeature", "<GetFeature/>", "\u{0}"] {
        let response = it.client.post(it.url("/wfs")).body(body.to_owned()).send().await.unwrap();
        report(response, 400, body).await;
    }
    for (parameters, code, locator) in [
        ("bbox=121,31,122,32", "InvalidParameterValue", "bbox"),
        ("bbox=1,2,3", "InvalidParameterValue", "bbox"),
        ("count=-1", "InvalidParameterValue", "count"),
        ("count=1;drop", "InvalidParameterValue", "count"),
        ("startIndex=1000001", "InvalidParameterValue", "startIndex"),
        ("srsName=EPSG:2154", "InvalidParameterValue", "srsName"),
        ("srsName=EPSG:4490'", "InvalidParameterValue", "srsName"),
        ("outputFormat=shape-zip", "InvalidParameterValue", "outputFormat"),
        ("resultType=all", "InvalidParameterValue", "resultType"),
        ("sortBy=nmae", "InvalidParameterValue", "sortBy"),
        ("sortBy=holder_uscc", "InvalidParameterValue", "sortBy"),
        ("sortBy=name+UP", "InvalidParameterValue", "sortBy"),
        ("sortBy=name;drop", "InvalidParameterValue", "sortBy"),
        ("propertyName=nmae", "InvalidParameterValue", "propertyName"),
        ("cql_filter=pg_sleep(5)", "OperationParsingFailed", "cql_filter"),
        ("cql_filter=name='a%27%27'+or+1", "InvalidParameterValue", "cql_filter"),
        ("bbox=1,2,3,4&resourceId=parcels.1", "InvalidParameterValue", "filter"),
        ("typeName=towns", "InvalidParameterValue", "typeNames"),
    ] {
        let told = report(it.get(&get(parameters)).await, 400, parameters).await;
        assert_eq!(attribute(&told, "exceptionCode"), code, "{parameters}: {told}");
        assert_eq!(attribute(&told, "locator"), locator, "{parameters}: {told}");
    }
    for (path, code, locator) in [
        ("/wfs", "MissingParameterValue", "request"),
        ("/wfs?request=GetFeature", "MissingParameterValue", "typeNames"),
        ("/wfs?request=Transaction", "OperationNotSupported", "request"),
        ("/wfs?service=WMS&request=GetCapabilities", "InvalidParameterValue", "service"),
        (
            "/wfs?request=GetFeature&version=1.1.0&typeName=parcels",
            "VersionNegotiationFailed",
            "version",
        ),
        (
            "/wfs?service=WFS&request=GetCapabilities&acceptversions=1.0.0",
            "VersionNegotiationFailed",
            "AcceptVersions",
        ),
        ("/wfs?request=GetFeature&typeNames=percels", "InvalidParameterValue", "typeNames"),
        ("/wfs?request=GetFeature&typeNames=parcels,towns", "OperationNotSupported", "typeNames"),
        (
            "/wfs?request=GetFeature&storedQuery_id=x&id=parcels.1",
            "InvalidParameterValue",
            "storedQuery_Id",
        ),
    ] {
        let told = report(it.get(path).await, 400, path).await;
        assert_eq!(attribute(&told, "exceptionCode"), code, "{path}: {told}");
        assert_eq!(attribute(&told, "locator"), locator, "{path}: {told}");
    }
    report(it.get("/wfs?request=GetFeature&typeNames=a%00b").await, 400, "NUL").await;
}
