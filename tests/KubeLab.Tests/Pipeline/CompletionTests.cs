using System.Management.Automation;
using System.Reflection;
using KubeLab.Pipeline;

namespace KubeLab.Tests.Pipeline;

public sealed class CompletionTests
{
    // Names of new objects, free text, files (which PowerShell completes), and what only machines, registries or repositories can list.
    private static readonly string[] NotListed =
    [
        "Backup-KlCluster -Path", "Compare-KlManifest -Path", "Connect-KlVm -ArgumentList", "Copy-KlItem -Destination", "Copy-KlItem -Path",
        "Enter-KlPod -Command", "Export-KlReport -Path", "Get-KlDatabase -Key", "Get-KlFault -Target", "Initialize-KlCluster -Endpoint",
        "Initialize-KlCluster -Name", "Initialize-KlCluster -PodSubnet", "Install-KlKubeadm -Mirror", "Install-KlKubeadm -Version",
        "Invoke-KlPodCommand -Command", "Invoke-KlVmCommand -ArgumentList", "Invoke-KlVmCommand -Command", "Measure-KlAvailability -Path",
        "New-KlConfigMap -Name", "New-KlDatabase -Name", "New-KlDeployment -Command", "New-KlDeployment -Image", "New-KlDeployment -Name",
        "New-KlNamespace -Name", "New-KlSecret -Name", "New-KlService -AppProtocol", "New-KlVm -HostName", "New-KlVm -KeyFile", "New-KlVm -Name",
        "New-KlVm -PodSubnet", "New-KlVm -Subnet", "New-KlVm -User", "Publish-KlImage -Image", "Publish-KlImage -Name", "Publish-KlImage -Path",
        "Publish-KlImage -Tag", "Publish-KlManifest -Path", "Remove-KlManifest -Path", "Remove-KlResource -ApiVersion", "Restore-KlCluster -Name",
        "Restore-KlCluster -Path", "Set-KlDeployment -Image", "Set-KlNode -Taint", "Start-KlFault -Path", "Start-KlFault -Rate", "Stop-KlFault -Target",
        "Test-KlConsistency -History", "Test-KlConsistency -SaveHistory", "Wait-KlResource -ApiVersion", "Wait-KlResource -JsonPath",
    ];

    // Selectors, which are text.
    private static readonly string[] Selectors = ["Label", "Field"];

    [Fact]
    public void Every_parameter_whose_values_can_be_listed_completes()
    {
        var parameters = from type in typeof(KlCmdlet).Assembly.GetExportedTypes()
                         let cmdlet = type.GetCustomAttribute<CmdletAttribute>()
                         where cmdlet is not null
                         let name = $"{cmdlet.VerbName}-{cmdlet.NounName}"
                         from parameter in new CmdletInfo(name, type).Parameters.Values
                         where parameter.ParameterType == typeof(string) || parameter.ParameterType == typeof(string[])
                         where !Cmdlet.CommonParameters.Contains(parameter.Name) && !Selectors.Contains(parameter.Name)
                         where !parameter.Attributes.OfType<ParameterAttribute>().Any(one => one.DontShow)
                         where !parameter.Attributes.Any(one => one is ArgumentCompleterAttribute or ValidateSetAttribute)
                         select $"{name} -{parameter.Name}";
        Assert.Equal(NotListed, parameters.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Test-KlAccess del", "delete deletecollection")]
    [InlineData("Wait-KlResource pod/web -Condition Re", "Ready")]
    public void Words_complete(string typed, string expected) => Assert.Equal(expected.Split(' '),
        Shell.Run($"(TabExpansion2 '{typed}' {typed.Length}).CompletionMatches.CompletionText").Good<string>());
}
