using System.Xml.Linq;
using KubeLab.ModuleFiles;
using KubeLab.Pipeline;

// KubeLab.ModuleFiles KubeLab.xml Module/: the compiler's documentation file in; out what Get-Help and PowerShell's type system read.
var cmdlets = typeof(KlCmdlet).Assembly;
var help = Directory.CreateDirectory(Path.Combine(args[1], "en-US")).FullName;
Maml.Of(cmdlets, new XmlDocs(XDocument.Load(args[0], LoadOptions.PreserveWhitespace))).Save(Path.Combine(help, "KubeLab.dll-Help.xml"));
TypeData.Of(cmdlets).Save(Path.Combine(args[1], "KubeLab.Types.ps1xml"));
