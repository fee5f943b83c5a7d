using k8s.Models;
using KubeLab.Engine.Kube;

namespace KubeLab.Tests.Kube;

public sealed class KubeKindTests
{
    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../secrets/x")]
    [InlineData("a/b")]
    [InlineData("/")]
    [InlineData("%2e%2e")]
    [InlineData("a%")]
    [InlineData("a\nb")]
    [InlineData("a\e")]
    public void A_name_that_changes_the_path_is_rejected(string name)
    {
        var kind = KubeKind.Of<V1Pod>();
        Assert.All<Func<string>>([() => kind.Path("default", name), () => kind.Path(name), () => kind.Path(name, "x")], path =>
            Assert.Equal("KubeNameInvalid", Assert.Throws<KlException>(path).ErrorId));
    }

    [Theory]
    [InlineData("web", "web")]
    [InlineData("a?b#c", "a%3Fb%23c")]
    [InlineData("system:node", "system%3Anode")]
    [InlineData("a b", "a%20b")]
    [InlineData("\u00e4...", "%C3%A4...")]
    public void Any_other_name_is_one_segment_of_the_path(string name, string part) =>
        Assert.Equal($"/api/v1/namespaces/default/pods/{part}", new Uri(new("http://x"), KubeKind.Of<V1Pod>().Path("default", name)).PathAndQuery);

    [Theory]
    [InlineData("a,metadata.namespace=b", @"metadata.name=a\,metadata.namespace\=b")]
    [InlineData(@"a\", @"metadata.name=a\\")]
    public void A_name_is_escaped_in_a_field_selector(string name, string fields) => Assert.Equal(fields, KubeSelector.Named(name).Fields);
}
