using System.Text.Json.Nodes;
using KubeLab.Engine.Kube;

namespace KubeLab.Tests.Kube;

public sealed class KubePathTests
{
    private static readonly JsonNode Root = JsonNode.Parse("""
        {"a":{"b.c/d":"dot","n":[0,1,2,3,4]},"items":[{"name":"x","count":1,"in":{"name":"deep"}},{"name":"y","count":12,"same":"y"},{"count":3,"ok":true}]}
        """)!;

    // The results of kubectl -o jsonpath. Unlike kubectl, KubeLab does not require escaped dots in brackets.
    [Theory]
    [InlineData("{.a.n[0]}", "0")]
    [InlineData("a.n[-1]", "4")]
    [InlineData("$.a.n[1:3]", "1 2")]
    [InlineData("{.a.n[-2:]}", "3 4")]
    [InlineData("{.a.n[:4:2]}", "0 2")]
    [InlineData("{.a.n[0,2]}", "0 2")]
    [InlineData("{.a.n[9]}", "")]
    [InlineData("{.a['b.c/d']}", "dot")]
    [InlineData("{.a['b\\.c/d']}", "dot")]
    [InlineData("{.a.b\\.c/d}", "dot")]
    [InlineData("{.items[0]['name','count']}", "x 1")]
    [InlineData("{.items[*].name}", "x y")]
    [InlineData("{.a.n.*}", "0 1 2 3 4")]
    [InlineData("{..name}", "x deep y")]
    [InlineData("{.items..name}", "x deep y")]
    [InlineData("{.items[?(@.count>2)].count}", "12 3")]
    [InlineData("{.items[?(@.count >= 12)].name}", "y")]
    [InlineData("{.items[?(@.name != 'x')].name}", "y")]
    [InlineData("{.items[?(@.in.name==\"deep\")].name}", "x")]
    [InlineData("{.items[?(@.name)].name}", "x y")]
    [InlineData("{.items[?(@.ok==true)].count}", "3")]
    [InlineData("{.items[?(@.same==@.name)].count}", "12")]
    [InlineData("{.nothing.there}", "")]
    public void A_path_selects_what_kubectls_JSONPath_selects(string path, string found) => Assert.Equal(found, string.Join(' ', KubePath.Find(Root, path)));

    [Theory]
    [InlineData("{.a[}")]
    [InlineData("{.a[x]}")]
    [InlineData("{.a[1,]}")]
    [InlineData("{.items[?(@.a && @.b)]}")]
    [InlineData("{range .items[*]}{.name}{end}")]
    [InlineData("{.none[?(}")]
    public void An_invalid_path_is_reported_with_its_position(string path) =>
        Assert.Equal("JsonPathInvalid", Assert.Throws<KlException>(() => KubePath.Find(Root, path)).ErrorId);
}
