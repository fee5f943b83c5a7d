using System.Reflection;
using System.Reflection.Emit;

namespace KubeLab.Tests.Pipeline;

public sealed class ModuleTests
{
    public static TheoryData<string> Shells => ShellProcess.Shells;

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task The_module_keeps_its_promises(string shell)
    {
        var result = await ShellProcess.RunAsync(shell, "-File", "tests/KubeLab.Tests/Pipeline/ModuleContract.ps1");

        Assert.Equal(new(0, "", ""), result);
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Its_dependencies_are_its_own(string shell)
    {
        var folder = Directory.CreateTempSubdirectory("kubelab-");
        try
        {
            var stranger = Path.Combine(folder.FullName, "YamlDotNet.dll");
            var assembly = new PersistedAssemblyBuilder(new AssemblyName("YamlDotNet") { Version = new(999, 0) }, typeof(object).Assembly);
            assembly.DefineDynamicModule("YamlDotNet");
            assembly.Save(stranger);

            var result = await ShellProcess.RunAsync(shell, "-File", "tests/KubeLab.Tests/Pipeline/LoadContext.ps1", "-Manifest", "./KubeLab.psd1", "-Stranger", stranger);

            Assert.Equal(new(0, "answer: 42", ""), result with { Output = result.Output.Trim() });
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
